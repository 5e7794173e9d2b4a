/** Compiled rails prove equal to their policy, and do not once a flow is gone that something depends on. */

import { expect, test } from "vitest";
import type { Comparison } from "../../../src/verify/proof/comparison.js";
import { isTerminal, type Node } from "../../../src/verify/proof/diagram.js";
import { unknown } from "../../../src/verify/proof/outcome.js";
import { RailProver } from "../../../src/verify/proof/rail-prover.js";
import { breakFlows } from "../../support/break-flows.js";
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
      const { differences } = new RailProver({ ...world, rail, flows }).compare();
      expect(differences, `${rail} of\n${world.policyText}\n${world.inventoryText}`).toEqual([]);
    }
  }
});

test(`a change of flows is proved as if all were looked at anew (seed ${seed})`, {
  timeout: 240_000,
}, async () => {
  const random = new Random(seed);
  for (let index = 0; index < 4; index++) {
    const world = await (index % 2 === 0 ? randomWorld : nastyWorld)(random);
    const [rail] = world.inventory.rails.keys();
    if (rail === undefined) throw new Error("a world without rails");
    let { flows } = compiledRailOf(world, rail);
    const prover = new RailProver({ ...world, rail, flows });
    expect(prover.compare().differences).toEqual([]);
    for (let step = 0; step < 6; step++) {
      const broken = breakFlows(random, flows);
      if (broken === undefined) continue;
      const before = new Set(flows);
      const after = new Set(broken.flows);
      const removed = flows.filter((flow) => !after.has(flow));
      const added = broken.flows.filter((flow) => !before.has(flow));
      const changed = prover.change(removed, added);
      const anew = new RailProver({ ...world, rail, flows: broken.flows }).compare();
      expect(summaryOf(changed), broken.how).toEqual(summaryOf(anew));
      // half of the breaks stay, the others are mended
      if (random.chance(0.5)) flows = broken.flows;
      else {
        const mended = prover.change(added, removed);
        const intact = new RailProver({ ...world, rail, flows }).compare();
        expect(summaryOf(mended), `${broken.how}, mended`).toEqual(summaryOf(intact));
      }
    }
  }
});

/** Diagrams of one set have one shape, whoever made them. */
function summaryOf({ fence, walks, differences }: Comparison): string[] {
  const { diagrams } = fence.sets.operations;
  const sizeOf = (set: Node): number => {
    const seen = new Set<Node>();
    const visit = (node: Node): void => {
      if (isTerminal(node) || seen.has(node)) return;
      seen.add(node);
      visit(diagrams.lowOf(node));
      visit(diagrams.highOf(node));
    };
    visit(set);
    return seen.size;
  };
  return differences
    .map(({ port, kind, packetsOf, policy, tables }) => {
      const sent = [policy, tables].map((id) =>
        walks
          .get(kind)
          ?.outcomes.sentIn(id)
          .map((one) => one.port),
      );
      return JSON.stringify([port.name, kind, sizeOf(packetsOf()), tables === unknown, ...sent]);
    })
    .sort();
}
