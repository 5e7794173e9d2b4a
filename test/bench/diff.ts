/** What a reviewer waits for: two policies compared, as whole processes, and the comparison alone beside reading them. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPolicy } from "../../src/policy/check.js";
import { comparePolicies } from "../../src/policy/reachability/policy-difference.js";
import { parsePolicy } from "../../src/syntax/parse.js";
import { largePolicy } from "../support/large-fleet.js";
import { timed, timedRailfence } from "./process.js";
import { median, milliseconds, type Row } from "./table.js";

const sentences = 2_000;
const runs = 5;

/** Ways to change a large policy: a word, a definition that hundreds of rules use, and a rule about everybody. */
const changes: readonly (readonly [what: string, change: (text: string) => string])[] = [
  ["in other order", (text) => `${text.trimEnd().split("\n").reverse().join("\n")}\n`],
  ["one rule less", (text) => text.replace(/^allow t8 .*\n/m, "")],
  ["one port more in a service", (text) => text.replace("50000-51000", "50000-51001")],
  ["half of the rules gone", (text) => text.replace(/^allow t\d*[13579] .*\n/gm, "")],
  ["opened to everybody", (text) => `${text}allow any <-> any : ping\n`],
];

export async function measureDiff(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "railfence-bench-"));
  try {
    const rows: Row[] = [];
    for (const [what, change] of changes) rows.push(await measure(folder, what, change));
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(
  folder: string,
  what: string,
  change: (text: string) => string,
): Promise<Row> {
  const [old, young] = [join(folder, "old.policy"), join(folder, "new.policy")];
  const text = largePolicy(sentences);
  const changed = change(text);
  if (changed === text) throw new Error(`${what}: nothing changed`);
  writeFileSync(old, text);
  writeFileSync(young, changed);
  const ours: number[] = [];
  const peer: number[] = [];
  const alone: number[] = [];
  const [before, after] = [checked(text), checked(changed)];
  for (let run = 0; run < runs; run++) {
    ours.push((await timedRailfence(["diff", old, young], 3)).ms);
    peer.push((await timed("diff", ["-u", old, young], 1)).ms);
    const begun = performance.now();
    comparePolicies(before, after);
    alone.push(performance.now() - begun);
  }
  const ratio = median(ours) / median(peer);
  return {
    what: `diff of two policies of 2,000 sentences: ${what}`,
    target: "< 1,000 ms",
    measured: `${milliseconds(median(ours))}, of which ${milliseconds(median(alone))} to compare`,
    peer: `${ratio.toFixed(0)} x diff -u, which knows words only`,
    reached: median(ours) < 1_000,
  };
}

function checked(text: string) {
  const { tree } = parsePolicy({ name: "bench.policy", text });
  const { policy } = checkPolicy([tree], { today: "2026-06-01" });
  if (policy === undefined) throw new Error("the policy of the benchmark is broken");
  return policy;
}
