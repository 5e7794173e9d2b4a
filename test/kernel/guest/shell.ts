/** Runs programs in the box. */

import { execFile } from "node:child_process";

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The end of a program, whatever it was. */
export function attempt(program: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((fulfil) => {
    execFile(program, args, { maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 127;
      fulfil({ code, stdout, stderr: stderr || (code === 127 ? String(error) : "") });
    });
  });
}

/** Its standard output. @throws when it fails, with its command and its words */
export async function shell(program: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await attempt(program, ...args);
  if (code !== 0)
    throw new Error(`${program} ${args.join(" ")}: code ${code}\n${stderr}${stdout}`.trim());
  return stdout;
}

/** The same for a line of words without spaces in them. */
export function sh(line: string): Promise<string> {
  const [program = "", ...args] = line.split(" ");
  return shell(program, ...args);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((fulfil) => setTimeout(fulfil, ms));
}
