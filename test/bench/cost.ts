/** The bill of one node, hostile pods included: 16 endpoints, of 100 tenants with 100 endpoints each known. */

import { hostileCostsOf, railCostOf } from "../../src/verify/cost/rail-cost.js";
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
  const hostileTimes: number[] = [];
  let found = "";
  for (let round = 0; round < 6; round++) {
    const begun = performance.now();
    const model = railModelOf(policy, inventory, { node, rail });
    const { flows, legitimate } = railCostOf(model);
    const counted = performance.now();
    const hostile = hostileCostsOf(model);
    const ended = performance.now();
    if (round > 0) {
      times.push(ended - begun);
      hostileTimes.push(ended - counted);
    }
    const megaflows = Math.max(...hostile.map(({ bound }) => bound?.megaflows ?? Infinity));
    found = `${flows} flows, ${legitimate.megaflows} megaflows in ${legitimate.masks} masks, ${megaflows} at most from one port`;
  }
  const p50 = percentile(times, 50);
  return {
    what: `cost of a node, 10,000 endpoints known (${found})`,
    target: "< 1 s",
    measured: `${milliseconds(p50)}, worst ${milliseconds(percentile(times, 100))}; of it for hostile pods ${milliseconds(percentile(hostileTimes, 50))}`,
    reached: p50 < 1000,
  };
}
