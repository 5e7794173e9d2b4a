/**
 * The prover against counting, for ARP and neighbour discovery: every packet of a small world in which three bits of an
 * address vary (neighbour-space.ts) is decided by the policy and followed through the tables, one at a time.
 */

import { beforeAll, describe, expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import type { Flow } from "../../src/openflow/flow.js";
import { proveRail } from "../../src/verify/proof/prove-rail.js";
import { breakFlows } from "../support/break-flows.js";
import { CountedCases, type Found } from "../support/counted-cases.js";
import { everyArp, everyDiscovery, smallWorld } from "../support/neighbour-space.js";
import { Random } from "../support/random.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20261124);
const breaks = Number(process.env["RAILFENCE_WORLDS"] ?? 24);

const modes = [
  { mode: "routed", uplinkSource: "verify" },
  { mode: "bridged", uplinkSource: "verify" },
  { mode: "bridged", uplinkSource: "trust" },
] as const;
const kinds = [
  { name: "ARP", packets: everyArp },
  { name: "neighbour discovery", packets: everyDiscovery },
] as const;
const spaces = modes.flatMap((choice) => kinds.map((kind) => ({ ...choice, ...kind })));

describe.each(spaces)("$name on a $mode rail, uplink: $uplinkSource", ({ packets, ...choice }) => {
  const world = smallWorld(choice);
  const { flows } = compileRail(world.policy, world.inventory, world);
  const proved = (changed: readonly Flow[]) => proveRail({ ...world, flows: changed });
  let cases: CountedCases;
  let intact: Found;
  beforeAll(() => {
    cases = new CountedCases(world, flows, packets());
    intact = cases.ofAll();
  }, 120_000);

  test("the intact tables", () => {
    expect(cases.size).toBeGreaterThan(50_000);
    expect(cases.passing).toBeGreaterThan(500);
    expect(intact).toBe("same");
    expect(proved(flows).verdict).toBe("equal");
  });

  test(`${breaks} breaks (seed ${seed})`, { timeout: 600_000 }, () => {
    const random = new Random(seed);
    const seen = { same: 0, differs: 0, doubt: 0 };
    const said = { equal: 0, different: 0, unknown: 0 };
    const own = flows.filter(({ table }) => cases.comingTo(table) > 0);
    const others = flows.filter(({ table }) => cases.comingTo(table) === 0);
    for (let turn = 0; turn < breaks; ) {
      const broken = breakFlows(random, own);
      if (broken === undefined) continue;
      turn++;
      const changed = [...broken.flows, ...others];
      const found = cases.ofChanged(changed, tablesChanged(own, broken.flows));
      const { verdict } = proved(changed);
      seen[found]++;
      said[verdict]++;
      if (found === "differs") expect(verdict, broken.how).toBe("different");
      // what differs in some other packet is confirmed by itself (confirm.ts)
      if (found === "doubt") expect(verdict, broken.how).not.toBe("equal");
    }
    console.log(
      `${JSON.stringify(choice)} ${cases.size} packets, ${cases.passing} pass: ${JSON.stringify(seen)} ${JSON.stringify(said)}`,
    );
    expect(seen.differs).toBeGreaterThan(breaks / 10);
    expect(said.equal).toBeGreaterThan(0);
  });
});

function tablesChanged(before: readonly Flow[], after: readonly Flow[]): Set<number> {
  const [one, other] = [new Set(before), new Set(after)];
  const changed = [
    ...before.filter((flow) => !other.has(flow)),
    ...after.filter((flow) => !one.has(flow)),
  ];
  return new Set(changed.map(({ table }) => table));
}
