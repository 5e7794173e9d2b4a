/**
 * A railfence that was killed may leave its ovs-ofctl behind, which still commits its bundle a moment later. The heir of
 * the lock waits for it: two bundles must not mix.
 */

import { readdir, readFile } from "node:fs/promises";
import { SwitchError } from "./errors.js";
import { startTimeOf } from "./process-identity.js";

const patienceMs = 30_000;
const pollMs = 10;

/** @throws {SwitchError} `busy` */
export async function waitForOrphans(target: string): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (const pid of await bundlesTo(target))
    while (startTimeOf(pid) !== undefined) {
      if (Date.now() > deadline)
        throw new SwitchError({
          kind: "busy",
          message: `\`ovs-ofctl\` (process ${pid}) of a railfence that was killed still works on \`${target}\``,
          help: "end that process and run again",
        });
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
}

async function bundlesTo(target: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const args = await argumentsOf(name);
    if (args[0]?.endsWith("ovs-ofctl") && args.includes("--bundle") && args.includes(target))
      found.push(Number(name));
  }
  return found;
}

async function argumentsOf(pid: string): Promise<readonly string[]> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
  } catch {
    return [];
  }
}
