/** How long it takes to prove the tables of a node, and to prove them again after one flow has changed. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileRail } from "../../src/compile/compile-rail.js";
import type { Flow } from "../../src/openflow/flow.js";
import { printFlow } from "../../src/openflow/print.js";
import { RailProver } from "../../src/verify/proof/rail-prover.js";
import { proofFleet, proofFleetTexts } from "../support/proof-fleet.js";
import { Random } from "../support/random.js";
import { timedRailfence } from "./process.js";
import { median, milliseconds, percentile, type Row } from "./table.js";

export async function measureProve(): Promise<Row[]> {
  return [...measureNode(), await measureLarge()];
}

/** 16 endpoints of four tenants; 100 tenants of 100 endpoints are known, both IP families. */
function measureNode(): Row[] {
  const fleet = proofFleet({ tenants: 100, perTenant: 100, rule: "each-itself" });
  const { flows } = compileRail(fleet.policy, fleet.inventory, fleet);
  const whole: number[] = [];
  for (let run = 0; run < 5; run++)
    whole.push(
      time(() => {
        const { differences } = new RailProver({ ...fleet, flows }).compare();
        if (differences.length > 0) throw new Error("the compiled rail is not the policy");
      }),
    );
  const prover = new RailProver({ ...fleet, flows });
  prover.compare();
  const random = new Random(1);
  const changes: number[] = [];
  for (let run = 0; run < 400; run++) {
    const flow = random.pick(flows) as Flow;
    changes.push(time(() => prover.change([flow], [])));
    changes.push(time(() => prover.change([], [flow])));
  }
  return [
    {
      what: `prove a node: 16 endpoints, 100 x 100 known, ${flows.length.toLocaleString("en-US")} flows`,
      target: "< 1 s",
      measured: milliseconds(median(whole)),
      reached: median(whole) < 1_000,
    },
    {
      what: "prove it again after one flow has changed",
      target: "< 10 ms",
      measured: [
        milliseconds(median(changes)),
        ...[90, 99].map(
          (part) => `${part} of 100 below ${milliseconds(percentile(changes, part))}`,
        ),
        `at most ${milliseconds(Math.max(...changes))}`,
        `the median 1/${Math.round(median(whole) / median(changes))} of a whole proof`,
      ].join(", "),
      reached: median(changes) < 10,
    },
  ];
}

/** The program, from files: one tenant meets everybody, and no two addresses make a prefix. */
async function measureLarge(): Promise<Row> {
  const shape = { tenants: 135, perTenant: 100, rule: "first-meets-all", scattered: true } as const;
  const texts = proofFleetTexts(shape);
  const fleet = proofFleet(shape);
  const { flows } = compileRail(fleet.policy, fleet.inventory, fleet);
  const folder = mkdtempSync(join(tmpdir(), "railfence-bench-"));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  try {
    const { ms, peakMegabytes } = await timedRailfence([
      "prove",
      file("large.policy", texts.policy),
      "--inventory",
      file("inventory.json", texts.inventory),
      "--node",
      fleet.node,
      "--flows",
      file("large.flows", `${flows.map((flow) => printFlow(flow)).join("\n")}\n`),
    ]);
    return {
      what: `railfence prove, ${flows.length.toLocaleString("en-US")} flows: one tenant meets everybody`,
      target: "< 20 s, < 1.5 GB",
      measured: `${(ms / 1_000).toFixed(1)} s, ${Math.round(peakMegabytes)} MB`,
      reached: ms < 20_000 && peakMegabytes < 1_500,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function time(work: () => void): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}
