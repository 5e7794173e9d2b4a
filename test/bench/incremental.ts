/** One endpoint more on a node out of a large fleet, in memory: until the new flows are there. */

import { RailCompiler } from "../../src/compile/compile-rail.js";
import { inventoryOf, policyOf } from "../support/checked.js";
import { fleetPolicy, largeInventory, nodeName } from "../support/large-fleet.js";
import { milliseconds, percentile, type Row } from "./table.js";

export async function measureIncremental(): Promise<Row> {
  const tenants = 1_000;
  const node = nodeName(4_321);
  const policy = policyOf(fleetPolicy(tenants));
  const inventory = inventoryOf(largeInventory(100_000, tenants));
  const compiler = new RailCompiler(policy, inventory, { node, rail: "pf1" });
  const local = inventory.endpoints.filter((one) => one.node === node && one.rail === "pf1");
  compiler.compile();
  const times: number[] = [];
  for (let round = 0; round < 12; round++)
    for (const endpoint of local) {
      compiler.remove(endpoint);
      compiler.compile();
      const begun = performance.now();
      compiler.add(endpoint);
      compiler.compile();
      if (round > 1) times.push(performance.now() - begun);
    }
  const p50 = percentile(times, 50);
  return {
    what: "the same in memory, one endpoint added",
    target: "< 20 ms",
    measured: `${milliseconds(p50)}, worst ${milliseconds(percentile(times, 100))}`,
    reached: p50 < 20,
  };
}
