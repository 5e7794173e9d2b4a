/** What two policies compile to, compared flow by flow: nothing is lost, and the old with the changes is the new. */

import { expect, test } from "vitest";
import { compareRails } from "../../src/compile/compare-rails.js";
import { compileRail } from "../../src/compile/compile-rail.js";
import { printFlow } from "../../src/openflow/print.js";
import { Random } from "../support/random.js";
import { randomWorld } from "../support/random-world.js";

const seed = 20_261_123;

test(`the old flows with the changes are the new flows (seed ${seed})`, async () => {
  const random = new Random(seed);
  let changes = 0;
  for (let run = 0; run < 8; run++) {
    const { policy, inventory, node } = await randomWorld(random);
    const place = { node, rail: "r1" };
    const rules = policy.rules.filter(() => random.chance(0.6));
    const old = compileRail({ ...policy, rules }, inventory, place);
    const young = compileRail(policy, inventory, place);
    const { added, changed, deleted, unchanged } = compareRails(old, young);
    const gone = new Set([...deleted, ...changed.map(({ before }) => before)]);
    const come = [...added, ...changed.map(({ after }) => after)];
    const print = (flows: typeof added) => flows.map((flow) => printFlow(flow)).sort();
    expect(print([...old.flows.filter((flow) => !gone.has(flow)), ...come])).toEqual(
      print(young.flows),
    );
    expect(unchanged + come.length).toBe(young.flows.length);
    changes += added.length + deleted.length;
  }
  expect(changes).toBeGreaterThan(100);
});
