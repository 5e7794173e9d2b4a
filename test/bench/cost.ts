/** The bill of one node: 16 endpoints, of 100 tenants with 100 endpoints each known, compiling included. */

import { railCostOf } from "../../src/verify/cost/rail-cost.js";
import { railModelOf } from "../../src/verify/cost/rail-model.js";
import { proofFleet } from "../support/proof-fleet.js";
import { milliseconds, percentile, type Row } from "./table.js";

export async function measureCost(): Promise<Row> {
  const { policy, inventory, node, rail } = proofFleet({
    tenants: 100,
    perTenant: 100,
    rule: "each-itself",
  });
  const times: number[] = [];
  let found = "";
  for (let round = 0; round < 6; round++) {
    const begun = performance.now();
    const { flows, legitimate } = railCostOf(railModelOf(policy, inventory, { node, rail }));
    if (round > 0) times.push(performance.now() - begun);
    found = `${flows} flows, ${legitimate.megaflows} megaflows in ${legitimate.masks} masks`;
  }
  const p50 = percentile(times, 50);
  return {
    what: `cost of a node, 10,000 endpoints known (${found})`,
    target: "< 1 s",
    measured: `${milliseconds(p50)}, worst ${milliseconds(percentile(times, 100))}`,
    reached: p50 < 1000,
  };
}
