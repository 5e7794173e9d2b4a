/** Runs a program to its end; how long it took and how much memory it held at most. */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const root: string = new URL("../..", import.meta.url).pathname;

export interface Ended {
  readonly ms: number;
  readonly peakMegabytes: number;
}

/** @throws Error where the exit code is another than 0 or `otherCode` */
export async function timed(
  program: string,
  args: readonly string[],
  otherCode = 0,
): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "railfence-bench-"));
  const memory = join(folder, "memory");
  const begun = performance.now();
  const child = spawn(program, args, {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, PEAK_MEMORY_FILE: memory },
  });
  let complaint = "";
  child.stderr.on("data", (chunk) => {
    complaint += String(chunk);
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const ms = performance.now() - begun;
  let peakMegabytes = Number.NaN;
  try {
    peakMegabytes = Number(readFileSync(memory, "utf8")) / 1024;
  } catch {
    // only our own programs write it
  }
  rmSync(folder, { recursive: true });
  if (code !== 0 && code !== otherCode)
    throw new Error(`${program} ${args.join(" ")}: exit code ${code}\n${complaint}`);
  return { ms, peakMegabytes };
}

export async function timedRailfence(words: readonly string[], otherCode = 0): Promise<Ended> {
  const preload = join(root, "test/bench/peak-memory.mjs");
  return timed("node", ["--import", preload, join(root, "bin/railfence"), ...words], otherCode);
}
