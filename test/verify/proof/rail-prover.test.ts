/** Compiled rails prove equal to their policy, and do not once a flow is gone that something depends on. */

import { expect, test } from "vitest";
import type { Flow } from "../../../src/openflow/flow.js";
import { printFlow } from "../../../src/openflow/print.js";
import { readFlows } from "../../../src/openflow/read.js";
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

/** Copies before and behind a `resubmit`, action sets, ports that nobody knows: what a change behind them has to reach. */
function foreignFlows(port: string): readonly Flow[] {
  const text = `table=0,priority=65535,in_port=LOCAL,ip actions=output:${port},resubmit(,250)
table=0,priority=65535,in_port=LOCAL,ipv6 actions=resubmit(,250),output:p0
table=0,priority=65535,in_port=LOCAL,arp actions=write_actions(output:${port}),goto_table:250
table=0,priority=65534,in_port=stray actions=resubmit(,250)
table=0,priority=65534,in_port=other actions=load:1->NXM_NX_REG5[],resubmit(,251)
table=250,priority=9,ip,nw_dst=10.0.0.0/9 actions=controller,resubmit(,251)
table=250,priority=9,ipv6,ipv6_dst=fd00::/9 actions=output:${port}
table=250,priority=8 actions=resubmit(,251)
table=250,priority=9,arp,arp_op=1 actions=clear_actions
table=251,priority=7,reg5=1 actions=output:${port}
table=251,priority=6,ip,nw_tos=0 actions=mod_dl_src:02:00:00:00:00:01,output:p0
table=251,priority=5,ct_state=+trk actions=output:p0
`;
  const { flows, problems } = readFlows({ name: "foreign", text });
  expect(problems).toEqual([]);
  return flows;
}

test(`so is a change of somebody else's flows (seed ${seed})`, { timeout: 240_000 }, async () => {
  const random = new Random(seed);
  const world = await randomWorld(random);
  const [rail] = world.inventory.rails.keys();
  if (rail === undefined) throw new Error("a world without rails");
  const [pod] = world.inventory.endpoints.filter(
    (one) => one.node === world.node && one.rail === rail,
  );
  const { flows } = compiledRailOf(world, rail);
  const foreign = foreignFlows(pod?.representor ?? "");
  const there = new Set(foreign.filter(() => random.chance(0.5)));
  const prover = new RailProver({ ...world, rail, flows: [...flows, ...there] });
  prover.compare();
  let differences = 0;
  for (let step = 0; step < 30; step++) {
    const flow = random.pick(foreign);
    const changed = there.delete(flow)
      ? prover.change([flow], [])
      : prover.change([], [there.add(flow) && flow]);
    const anew = new RailProver({ ...world, rail, flows: [...flows, ...there] }).compare();
    expect(summaryOf(changed), `step ${step}, ${printFlow(flow)}`).toEqual(summaryOf(anew));
    differences += changed.differences.length;
  }
  expect(differences).toBeGreaterThan(50);
});

test("a register that nobody asked for counts once a new flow leads to a table that does", async () => {
  const world = await randomWorld(new Random(seed));
  const [rail] = world.inventory.rails.keys();
  if (rail === undefined) throw new Error("a world without rails");
  const { flows } = compiledRailOf(world, rail);
  const text = `table=0,priority=65535,in_port=LOCAL actions=load:1->NXM_NX_REG5[],resubmit(,250)
table=250,priority=1 actions=drop
table=251,reg5=1 actions=output:p0
table=250,priority=2 actions=resubmit(,251)
`;
  const foreign = readFlows({ name: "foreign", text }).flows;
  const last = foreign.slice(-1);
  const prover = new RailProver({ ...world, rail, flows: [...flows, ...foreign.slice(0, -1)] });
  expect(prover.compare().differences).not.toEqual([]);
  expect(prover.change([], last).differences).toEqual([]);
  expect(prover.change(last, []).differences).not.toEqual([]);
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
