/**
 * Flows of somebody else that look at ARP and neighbour discovery, or rewrite it, beside ours: held against every such
 * packet of a small world, in which each field is right or wrong by itself, and routers' messages among them.
 */

import { beforeAll, describe, expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { printFlow } from "../../src/openflow/print.js";
import { proveRail } from "../../src/verify/proof/prove-rail.js";
import { CountedCases, type Found } from "../support/counted-cases.js";
import { foreignDiscovery } from "../support/foreign-discovery.js";
import {
  everyArp,
  everyDiscovery,
  type SmallPacket,
  smallWorld,
} from "../support/neighbour-space.js";
import { Random } from "../support/random.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20261124);
const additions = Number(process.env["RAILFENCE_WORLDS"] ?? 80);

describe.each(["routed", "bridged"] as const)("beside the flows of a %s rail", (mode) => {
  const world = smallWorld({ mode, uplinkSource: "verify" });
  const { flows } = compileRail(world.policy, world.inventory, world);
  let cases: CountedCases;
  let intact: Found;
  beforeAll(() => {
    cases = new CountedCases(world, flows, [...everyArp(), ...everyMessage()]);
    intact = cases.ofAll();
  }, 240_000);

  test(`${additions} times flows about neighbours (seed ${seed})`, { timeout: 900_000 }, () => {
    expect(intact).toBe("same");
    const random = new Random(seed);
    const tally = new Map<string, number>();
    for (let turn = 0; turn < additions; turn++) {
      const foreign = foreignDiscovery(random, flows);
      const about = foreign.map((flow) => printFlow(flow)).join("\n");
      const found = cases.ofAdded(foreign);
      const { verdict } = proveRail({ ...world, flows: [...flows, ...foreign] });
      const key = `${found}: ${verdict}`;
      tally.set(key, (tally.get(key) ?? 0) + 1);
      if (found === "differs") expect(verdict, about).toBe("different");
      if (found === "doubt") expect(["different", "unknown"], about).toContain(verdict);
    }
    console.log(`${mode}: ${JSON.stringify(Object.fromEntries(tally))}`);
    for (const key of ["same: equal", "differs: different"])
      expect(tally.get(key) ?? 0, key).toBeGreaterThan(additions / 10);
  });
});

/** All that the small world has, and for each of a router's messages one of the other types that are ICMPv6 alone. */
function* everyMessage(): Generator<SmallPacket> {
  let count = 0;
  for (const one of everyDiscovery()) {
    yield one;
    const { frame } = one;
    if (frame.body.kind !== "ip" || frame.body.transport?.kind !== "icmp") continue;
    const { transport } = frame.body;
    if (transport.type !== 134) continue;
    const type = count++ % 2 === 0 ? 133 : 137;
    yield {
      ...one,
      frame: { ...frame, body: { ...frame.body, transport: { ...transport, type } } },
    };
  }
}
