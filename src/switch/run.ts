/** Runs one program of Open vSwitch: arguments as a list, never a shell, a time limit always. */

import type { ReadStream } from "node:fs";
import { execa } from "execa";
import { SwitchError } from "./errors.js";

export interface RunOptions {
  /** An open file: the program reads it itself, nothing passes through this process. */
  readonly input?: ReadStream | undefined;
  readonly timeoutMs?: number | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Other exit codes than 0 are handed back instead of thrown. */
  readonly mayFail?: boolean | undefined;
}

export interface Output {
  readonly command: readonly string[];
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const defaultTimeoutMs = 30_000;

// Debian keeps the daemons in /usr/sbin, which is not on the path of an ordinary user.
const systemFolders = "/usr/local/sbin:/usr/sbin:/sbin";

/**
 * @throws {SwitchError} `tool-missing`, `timeout`; and `command-failed` for an exit code other than 0 unless `mayFail`
 */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Output> {
  const command = [program, ...args];
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const result = await execa(program, args, {
    reject: false,
    stripFinalNewline: false,
    // a dump of 100,000 flows is cut into strings once, at its end
    encoding: "buffer",
    maxBuffer: 2 ** 30,
    timeout: timeoutMs,
    // LC_ALL: messages of the C library are compared with known English text
    env: {
      PATH: `${process.env["PATH"] ?? "/usr/bin:/bin"}:${systemFolders}`,
      LC_ALL: "C",
      ...options.environment,
    },
    stdin: options.input ?? "ignore",
  });
  const stderr = textOf(result.stderr);
  if (result.timedOut)
    throw new SwitchError({
      kind: "timeout",
      message: `\`${program}\` gave no answer within ${timeoutMs} ms`,
      command,
      stderr,
      cause: result.cause,
    });
  if (result.exitCode === undefined) {
    if (result.code === "ENOENT") throw toolMissing(program, command, result.cause);
    throw new SwitchError({
      kind: "command-failed",
      message: `\`${program}\` did not run to its end: ${result.shortMessage}`,
      command,
      stderr,
      cause: result.cause,
    });
  }
  const output = { command, exitCode: result.exitCode, stdout: textOf(result.stdout), stderr };
  if (output.exitCode !== 0 && options.mayFail !== true) throw commandFailed(output);
  return output;
}

function textOf(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return "";
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

export function commandFailed(output: Output): SwitchError {
  return new SwitchError({
    kind: "command-failed",
    message: `\`${output.command[0]}\` failed: ${complaintOf(output.stderr)}`,
    command: output.command,
    exitCode: output.exitCode,
    stderr: output.stderr,
  });
}

/** The program's own last words, without its name in front. */
export function complaintOf(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  return (lines.at(-1) ?? "it said nothing").trim().replace(/^[\w-]+: /, "");
}

function toolMissing(program: string, command: readonly string[], cause: unknown): SwitchError {
  return new SwitchError({
    kind: "tool-missing",
    message: `\`${program}\` is not installed`,
    help: "install Open vSwitch: `apt-get install openvswitch-switch` on Debian and Ubuntu",
    command,
    cause,
  });
}
