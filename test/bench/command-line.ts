/** What a user waits for: start, check, compile from files. Whole processes, from start to exit. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fleetPolicy, largeInventory, largePolicy, nodeName } from "../support/large-fleet.js";
import { root, timed, timedRailfence } from "./process.js";
import { median, milliseconds, type Row } from "./table.js";

export async function measureStart(): Promise<Row> {
  const ours: number[] = [];
  const node: number[] = [];
  for (let run = 0; run < 20; run++) {
    node.push((await timed("node", ["-e", "0"])).ms);
    ours.push((await timed(join(root, "bin/railfence"), ["--version"])).ms);
  }
  const ratio = median(ours) / median(node);
  return {
    what: "railfence --version",
    target: "<= 1.6 x node -e 0",
    measured: milliseconds(median(ours)),
    peer: `${ratio.toFixed(2)} x node -e 0 (${milliseconds(median(node))})`,
    reached: ratio <= 1.6,
  };
}

export async function measureCheck(): Promise<Row[]> {
  const small = await check(2_000, 5);
  const large = await check(20_000, 3);
  return [
    {
      what: "check, 2,000 sentences",
      target: "< 600 ms",
      measured: milliseconds(small.ms),
      reached: small.ms < 600,
    },
    {
      what: "check, 20,000 sentences",
      target: "< 4,000 ms, < 400 MB",
      measured: `${milliseconds(large.ms)}, ${Math.round(large.peakMegabytes)} MB`,
      reached: large.ms < 4_000 && large.peakMegabytes < 400,
    },
  ];
}

function check(sentences: number, runs: number) {
  return withFolder(async (folder) => {
    const file = join(folder, "large.policy");
    writeFileSync(file, largePolicy(sentences));
    return medians(runs, ["check", file]);
  });
}

export function measureCompile(): Promise<Row> {
  return withFolder(async (folder) => {
    const policy = join(folder, "fleet.policy");
    const inventory = join(folder, "inventory.json");
    writeFileSync(policy, fleetPolicy(1_000));
    writeFileSync(inventory, largeInventory(100_000, 1_000));
    const words = ["compile", policy, "--inventory", inventory, "--node", nodeName(4_321)];
    const { ms, peakMegabytes } = await medians(3, words);
    return {
      what: "compile a node, 100,000 endpoints, 1,000 tenants, from files",
      target: "< 2,000 ms, < 700 MB",
      measured: `${milliseconds(ms)}, ${Math.round(peakMegabytes)} MB`,
      reached: ms < 2_000 && peakMegabytes < 700,
    };
  });
}

/** Medians of time and of memory. */
async function medians(runs: number, words: readonly string[]) {
  const ms: number[] = [];
  const memory: number[] = [];
  for (let run = 0; run < runs; run++) {
    const ended = await timedRailfence(words);
    ms.push(ended.ms);
    memory.push(ended.peakMegabytes);
  }
  return { ms: median(ms), peakMegabytes: median(memory) };
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "railfence-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
