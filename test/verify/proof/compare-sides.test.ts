/** Compiled rails prove equal to their policy, and do not once a flow is gone that something depends on. */

import { expect, test } from "vitest";
import { compareSides } from "../../../src/verify/proof/compare-sides.js";
import { compiledRailOf } from "../../support/compiled-world.js";
import { nastyWorld } from "../../support/nasty-world.js";
import { Random } from "../../support/random.js";
import { randomWorld } from "../../support/random-world.js";

const seed = 20261123;
const worlds = 12;

test(`${worlds} random worlds compile to tables that are the policy (seed ${seed})`, {
  timeout: 120_000,
}, async () => {
  const random = new Random(seed);
  for (let index = 0; index < worlds; index++) {
    const world = await (index % 2 === 0 ? randomWorld : nastyWorld)(random);
    for (const rail of world.inventory.rails.keys()) {
      const { flows } = compiledRailOf(world, rail);
      const { differences } = compareSides({ ...world, rail, flows });
      expect(differences, `${rail} of\n${world.policyText}\n${world.inventoryText}`).toEqual([]);
    }
  }
});
