/** The daemons of a private switch: everything in one directory, ended by their ids. */

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startTimeOf } from "./process-identity.js";
import { commandFailed, run } from "./run.js";

const schema = "/usr/share/openvswitch/vswitch.ovsschema";
const daemons = ["ovs-vswitchd", "ovsdb-server"] as const;

export async function startDaemons(directory: string): Promise<void> {
  const at = (file: string) => join(directory, file);
  await start(directory, "ovsdb-tool", ["create", at("conf.db"), schema]);
  await start(directory, "ovsdb-server", [
    ...daemon(directory, "ovsdb-server"),
    `--remote=punix:${at("db.sock")}`,
    at("conf.db"),
  ]);
  await vsctl(directory, ["--no-wait", "init"]);
  await startForwarding(directory);
}

/** ovs-vswitchd alone. */
export async function startForwarding(directory: string): Promise<void> {
  await start(directory, "ovs-vswitchd", [
    ...daemon(directory, "ovs-vswitchd"),
    "--enable-dummy=override",
    "--disable-system",
    `unix:${join(directory, "db.sock")}`,
  ]);
}

/** ovs-vswitchd alone, without a chance to clean up. */
export async function killForwarding(directory: string): Promise<void> {
  const pid = pidOf(directory, "ovs-vswitchd");
  if (pid === undefined) return;
  end(pid, "SIGKILL");
  await gone(pid);
}

async function start(directory: string, program: string, args: readonly string[]): Promise<void> {
  const environment = environmentOf(directory);
  const output = await run(program, args, { environment, mayFail: true });
  if (output.exitCode !== 0) throw commandFailed(output);
}

function daemon(directory: string, name: string): readonly string[] {
  return [
    "--detach",
    "--no-chdir",
    `--pidfile=${join(directory, `${name}.pid`)}`,
    `--log-file=${join(directory, `${name}.log`)}`,
    "-vconsole:off",
  ];
}

export async function vsctl(directory: string, args: readonly string[]): Promise<string> {
  const socket = `unix:${join(directory, "db.sock")}`;
  const environment = environmentOf(directory);
  return (await run("ovs-vsctl", [`--db=${socket}`, ...args], { environment })).stdout;
}

export function environmentOf(directory: string): Record<string, string> {
  return {
    OVS_RUNDIR: directory,
    OVS_LOGDIR: directory,
    OVS_DBDIR: directory,
    OVS_SYSCONFDIR: directory,
  };
}

export async function stopDaemons(directory: string): Promise<void> {
  const pids = pidsIn(directory);
  for (const pid of pids) end(pid, "SIGTERM");
  for (const pid of pids) await gone(pid);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}

async function gone(pid: number): Promise<void> {
  const patienceMs = 2000;
  for (const start = Date.now(); Date.now() - start < patienceMs; )
    if (startTimeOf(pid) === undefined) return;
    else await new Promise((resolve) => setTimeout(resolve, 5));
  end(pid, "SIGKILL");
}

export function endDaemons(directory: string): void {
  for (const pid of pidsIn(directory)) end(pid, "SIGTERM");
}

function pidsIn(directory: string): readonly number[] {
  return daemons.map((name) => pidOf(directory, name)).filter((pid) => pid !== undefined);
}

function pidOf(directory: string, name: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(directory, `${name}.pid`), "utf8"), 10);
  } catch {
    return undefined;
  }
}

function end(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it is gone already
  }
}
