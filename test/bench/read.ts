/** How fast megaflows are read, beside ovs-ofctl reading as many OpenFlow flows. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Megaflow } from "../../src/datapath/megaflow.js";
import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import { printFlow } from "../../src/openflow/print.js";
import { manyFlows } from "../support/hand-made-rail.js";
import { megaflowLines } from "../support/megaflow-lines.js";
import { timed } from "./process.js";
import { median, type Row } from "./table.js";

const lines = 100_000;
// without a switch, ovs-ofctl knows no port names
const ports = new Map([["p0", 1]]);

export async function measureRead(): Promise<Row[]> {
  const text = megaflowLines(lines);
  const folder = mkdtempSync(join(tmpdir(), "railfence-bench-"));
  const file = join(folder, "all.flows");
  writeFileSync(
    file,
    `${manyFlows(lines)
      .map((flow) => printFlow(flow, ports))
      .join("\n")}\n`,
  );
  const counters: number[] = [];
  const whole: number[] = [];
  const peer: number[] = [];
  try {
    for (let run = 0; run < 5; run++) {
      counters.push(time(() => countPackets(readMegaflows({ name: "dump", text }).megaflows)));
      whole.push(time(() => countParts(readMegaflows({ name: "dump", text }).megaflows)));
      peer.push((await timed("ovs-ofctl", ["-O", "OpenFlow14", "parse-flows", file])).ms);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return [
    rowOf("read 100,000 megaflows: place, counters, offload state only", counters, peer),
    rowOf("read 100,000 megaflows: every field and action interpreted", whole, peer),
  ];
}

function rowOf(what: string, ours: readonly number[], peer: readonly number[]): Row {
  const perSecond = Math.round(lines / (median(ours) / 1_000));
  const ratio = median(ours) / median(peer);
  return {
    what,
    target: ">= 150,000 lines/s",
    measured: `${perSecond.toLocaleString("en-US")} lines/s`,
    peer: `${ratio.toFixed(2)} x ovs-ofctl parse-flows of as many flows`,
    reached: perSecond >= 150_000,
  };
}

function time(work: () => number): number {
  const begun = performance.now();
  if (work() === 0) throw new Error("nothing was read");
  return performance.now() - begun;
}

function countPackets(megaflows: readonly Megaflow[]): number {
  return megaflows.reduce((sum, { packets, offloaded }) => sum + packets + (offloaded ? 1 : 0), 0);
}

/** Looks at each field, so that no value is left to be read later. */
function countParts(megaflows: readonly Megaflow[]): number {
  let parts = 0;
  for (const { match, actions, notUnderstood } of megaflows) {
    for (const { name, value, mask } of match.fields)
      if (mask !== 0n || value === 0n) parts += name.length;
    parts += actions.length + notUnderstood.length;
  }
  return parts;
}
