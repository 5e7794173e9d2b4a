/** The bill of a crowded node: 16 endpoints, 100 endpoints of each of its tenants known, compiling included. */

import { railCostOf } from "../../src/verify/cost/rail-cost.js";
import { railModelOf } from "../../src/verify/cost/rail-model.js";
import { crowdedNode } from "../support/crowded-node.js";
import { Random } from "../support/random.js";
import { milliseconds, percentile, type Row } from "./table.js";

export async function measureCost(): Promise<Row> {
  const { policy, inventory, node, rail } = await crowdedNode(new Random(1), "routed", "aligned");
  const times: number[] = [];
  let found = "";
  for (let round = 0; round < 6; round++) {
    const begun = performance.now();
    const { flows, legitimate } = railCostOf(railModelOf(policy, inventory, { node, rail }));
    if (round > 0) times.push(performance.now() - begun);
    found = `${flows} flows, ${legitimate.megaflows} megaflows`;
  }
  const p50 = percentile(times, 50);
  return {
    what: `cost of a node (${found})`,
    target: "< 1 s",
    measured: `${milliseconds(p50)}, worst ${milliseconds(percentile(times, 100))}`,
    reached: p50 < 1000,
  };
}
