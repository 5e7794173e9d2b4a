/**
 * A real Open vSwitch of one's own: own run directory, dummy datapath, no root, no kernel module, no NIC; up in
 * about 0.1 s. The switch of the demo and of the tests. `type=dummy` ports and `netdev-dummy/receive` are what Open
 * vSwitch's own tests use (tests/ofproto-macros.at).
 */

import { readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Frame } from "../net/packet.js";
import { controlSocketOf } from "./control-socket.js";
import { printDatapathFrame } from "./frame-text.js";
import { startTimeOf } from "./process-identity.js";
import { commandFailed, run } from "./run.js";
import { Unixctl } from "./unixctl.js";

export interface PrivateBridge {
  readonly name: string;
  /** The first one gets OpenFlow port 1, the second 2, and so on. */
  readonly ports: readonly string[];
}

export interface PrivateSwitchOptions {
  readonly bridges: readonly PrivateBridge[];
  /** Where the run directory is made; its path must leave room for a socket's name (unix(7): 108 bytes in all). */
  readonly parentDirectory?: string;
}

export interface PrivateSwitch {
  readonly runDirectory: string;
  /** Runs `ovs-vsctl` with these arguments; its standard output. */
  vsctl(...args: readonly string[]): Promise<string>;
  /** Runs `ovs-ofctl -O OpenFlow14` with these arguments; its standard output. */
  ofctl(...args: readonly string[]): Promise<string>;
  /** One command on the control socket of ovs-vswitchd. */
  appctl(method: string, ...params: readonly string[]): Promise<string>;
  /** A packet arrives at a port: a frame, Open vSwitch's datapath flow text, or the frame's bytes in hexadecimal. */
  inject(port: string, packet: Frame | string): Promise<void>;
  /** What `ofproto/trace BRIDGE FLOW` prints. */
  trace(bridge: string, flow: string): Promise<string>;
  /** What `dpctl/dump-flows -m` prints now, of all bridges. */
  dumpMegaflows(): Promise<string>;
  /** Ends both processes by their ids and removes the run directory; a second call does nothing. */
  stop(): Promise<void>;
  /** The same at once, for the handler of a signal; also done when this process exits. */
  stopNow(): void;
}

const schema = "/usr/share/openvswitch/vswitch.ovsschema";
const daemons = ["ovs-vswitchd", "ovsdb-server"] as const;

/** @throws {SwitchError} `tool-missing` without Open vSwitch's programs, `command-failed` with the log's last words */
export async function startPrivateSwitch(options: PrivateSwitchOptions): Promise<PrivateSwitch> {
  const directory = await mkdtemp(join(options.parentDirectory ?? tmpdir(), "railfence-"));
  const stopNow = () => {
    for (const pid of pidsIn(directory)) end(pid, "SIGTERM");
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  };
  // from the first moment on: an interrupted start must not leave daemons behind
  process.once("exit", stopNow);
  try {
    await startDaemons(directory);
    await addBridges(directory, options.bridges);
    const control = await Unixctl.open(await controlSocketOf(directory));
    return privateSwitch(directory, control, stopNow);
  } catch (error) {
    await stopDaemons(directory);
    process.removeListener("exit", stopNow);
    throw error;
  }
}

function privateSwitch(directory: string, control: Unixctl, stopNow: () => void): PrivateSwitch {
  let stopped: Promise<void> | undefined;
  const environment = environmentOf(directory);
  return {
    runDirectory: directory,
    vsctl: (...args) => vsctl(directory, args),
    async ofctl(...args) {
      return (await run("ovs-ofctl", ["-O", "OpenFlow14", ...args], { environment })).stdout;
    },
    appctl: (method, ...params) => control.call(method, ...params),
    async inject(port, packet) {
      const text = typeof packet === "string" ? packet : printDatapathFrame(packet);
      await control.call("netdev-dummy/receive", port, text);
    },
    trace: (bridge, flow) => control.call("ofproto/trace", bridge, flow),
    dumpMegaflows: () => control.call("dpctl/dump-flows", "-m"),
    stop() {
      stopped ??= stop(directory, control, stopNow);
      return stopped;
    },
    stopNow,
  };
}

async function stop(directory: string, control: Unixctl, stopNow: () => void): Promise<void> {
  control.close();
  await stopDaemons(directory);
  process.removeListener("exit", stopNow);
}

async function startDaemons(directory: string): Promise<void> {
  const at = (file: string) => join(directory, file);
  const environment = environmentOf(directory);
  const start = async (program: string, args: readonly string[]) => {
    const output = await run(program, args, { environment, mayFail: true });
    if (output.exitCode !== 0) throw commandFailed(output);
  };
  const daemon = (name: string) => [
    "--detach",
    "--no-chdir",
    `--pidfile=${at(`${name}.pid`)}`,
    `--log-file=${at(`${name}.log`)}`,
    "-vconsole:off",
  ];
  await start("ovsdb-tool", ["create", at("conf.db"), schema]);
  await start("ovsdb-server", [
    ...daemon("ovsdb-server"),
    `--remote=punix:${at("db.sock")}`,
    at("conf.db"),
  ]);
  await vsctl(directory, ["--no-wait", "init"]);
  await start("ovs-vswitchd", [
    ...daemon("ovs-vswitchd"),
    "--enable-dummy=override",
    "--disable-system",
    `unix:${at("db.sock")}`,
  ]);
}

async function addBridges(directory: string, bridges: readonly PrivateBridge[]): Promise<void> {
  if (bridges.length === 0) return;
  const commands = bridges.flatMap((bridge) => [
    ["add-br", bridge.name],
    ["set", "bridge", bridge.name, "datapath_type=dummy", "fail_mode=secure"],
    ...bridge.ports.flatMap((port, index) => [
      ["add-port", bridge.name, port],
      ["set", "interface", port, "type=dummy", `ofport_request=${index + 1}`],
    ]),
  ]);
  await vsctl(
    directory,
    commands.flatMap((command) => ["--", ...command]),
  );
}

async function vsctl(directory: string, args: readonly string[]): Promise<string> {
  const socket = `unix:${join(directory, "db.sock")}`;
  const environment = environmentOf(directory);
  return (await run("ovs-vsctl", [`--db=${socket}`, ...args], { environment })).stdout;
}

function environmentOf(directory: string): Record<string, string> {
  return {
    OVS_RUNDIR: directory,
    OVS_LOGDIR: directory,
    OVS_DBDIR: directory,
    OVS_SYSCONFDIR: directory,
  };
}

async function stopDaemons(directory: string): Promise<void> {
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

function pidsIn(directory: string): readonly number[] {
  return daemons.flatMap((daemon) => {
    try {
      return [Number.parseInt(readFileSync(join(directory, `${daemon}.pid`), "utf8"), 10)];
    } catch {
      return [];
    }
  });
}

function end(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it is gone already
  }
}
