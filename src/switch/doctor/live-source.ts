/** Facts from the node that this process runs on. */

import { createReadStream } from "node:fs";
import { readdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { absent, type Fact, present, unreadable } from "../../verify/doctor/fact.js";
import { SwitchError } from "../errors.js";
import { defaultTimeoutMs, run } from "../run.js";
import { Unixctl } from "../unixctl.js";
import type { NodeSource } from "./node-source.js";

export interface LiveSourceOptions {
  readonly runDirectory: string;
  /** Where the node's `/sys` and `/proc` are mounted. */
  readonly sysfs?: string | undefined;
  readonly proc?: string | undefined;
  /** For each single command. */
  readonly timeoutMs?: number | undefined;
}

export class LiveSource implements NodeSource {
  readonly runDirectory: string;
  private readonly mounts: readonly (readonly [logical: string, actual: string])[];
  private readonly timeoutMs: number;

  constructor(options: LiveSourceOptions) {
    this.runDirectory = options.runDirectory;
    this.mounts = [
      ["/sys", options.sysfs ?? "/sys"],
      ["/proc", options.proc ?? "/proc"],
    ];
    this.timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  }

  text(path: string): Promise<Fact<string>> {
    return fromFile(path, async () =>
      (await readFile(this.actual(path), "utf8")).replace(/\n$/, ""),
    );
  }

  lines(path: string, pattern: RegExp): Promise<Fact<readonly string[]>> {
    return fromFile(path, async () => {
      const found: string[] = [];
      for await (const line of linesOf(this.actual(path))) if (pattern.test(line)) found.push(line);
      return found;
    });
  }

  bytes(path: string): Promise<Fact<Uint8Array>> {
    return fromFile(path, () => readFile(this.actual(path)));
  }

  names(path: string): Promise<Fact<readonly string[]>> {
    return fromFile(path, async () => (await readdir(this.actual(path))).sort());
  }

  target(path: string): Promise<Fact<string>> {
    return fromFile(path, async () => this.logical(await realpath(this.actual(path))));
  }

  async command(program: string, ...args: readonly string[]): Promise<Fact<string>> {
    const what = [program, ...args].join(" ");
    try {
      if (program === "ovs-appctl") return present(await this.ask(args));
      const { exitCode, stdout, stderr } = await run(program, this.completed(program, args), {
        mayFail: true,
        timeoutMs: this.timeoutMs,
        environment: { OVS_RUNDIR: this.runDirectory },
      });
      return exitCode === 0 ? present(stdout) : refused(what, stderr.trim() || stdout.trim());
    } catch (error) {
      if (error instanceof SwitchError) return explained(error, program, what);
      throw error;
    }
  }

  /** Over the control socket: a process for each question would cost ten times as much. */
  private async ask([method = "", ...params]: readonly string[]): Promise<string> {
    const pid = await this.text(join(this.runDirectory, "ovs-vswitchd.pid"));
    if (pid.state !== "present")
      throw new SwitchError({
        kind:
          pid.state === "unreadable" && pid.obstacle.kind === "permission"
            ? "permission-denied"
            : "not-running",
        message: "there is no pid file of ovs-vswitchd",
      });
    const path = join(this.runDirectory, `ovs-vswitchd.${pid.value.trim()}.ctl`);
    const control = await Unixctl.open(path, this.timeoutMs);
    try {
      return await control.call(method, ...params);
    } finally {
      control.close();
    }
  }

  /** Where the daemon is; what one types on the node itself needs no such option. */
  private completed(program: string, args: readonly string[]): readonly string[] {
    if (program === "ovs-vsctl")
      return [
        `--db=unix:${join(this.runDirectory, "db.sock")}`,
        "--timeout=5",
        "--no-syslog",
        ...args,
      ];
    if (program === "ovs-ofctl") return ["--no-names", "--timeout=30", ...args];
    return args;
  }

  private actual(path: string): string {
    return replaced(path, this.mounts);
  }

  private logical(path: string): string {
    return replaced(
      path,
      this.mounts.map(([logical, actual]) => [actual, logical]),
    );
  }
}

function replaced(path: string, mounts: readonly (readonly [string, string])[]): string {
  for (const [from, to] of mounts)
    if (path === from || path.startsWith(`${from}/`)) return to + path.slice(from.length);
  return path;
}

/** Logs may be larger than memory; what is compressed is a kernel's configuration, and small. */
async function* linesOf(path: string): AsyncGenerator<string> {
  if (path.endsWith(".gz")) {
    yield* gunzipSync(await readFile(path))
      .toString("utf8")
      .split("\n");
    return;
  }
  let rest = "";
  for await (const chunk of createReadStream(path, "utf8")) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

async function fromFile<T>(path: string, read: () => Promise<T>): Promise<Fact<T>> {
  try {
    return present(await read());
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // drivers answer so for attributes that a device does not have: phys_switch_id, gids without an address
    if (["ENOENT", "ENOTDIR", "EOPNOTSUPP", "ENOTSUP", "EINVAL", "ENODEV"].includes(code ?? ""))
      return absent;
    if (code === "EACCES" || code === "EPERM") return unreadable("permission", path);
    return unreadable("failed", path, code ?? message);
  }
}

const forbidden = /permission denied|operation not permitted/i;

function refused(what: string, words: string): Fact<never> {
  const last = words.split("\n").at(-1) ?? "";
  if (forbidden.test(words)) return unreadable("permission", what, last);
  return unreadable("failed", what, last === "" ? "it said nothing" : last);
}

function explained(error: SwitchError, program: string, what: string): Fact<never> {
  switch (error.kind) {
    case "tool-missing":
      return unreadable("tool-missing", what, program);
    case "permission-denied":
      return unreadable("permission", what);
    case "not-running":
      return unreadable("not-running", what);
    default:
      return refused(what, error.stderr?.trim() || error.message);
  }
}
