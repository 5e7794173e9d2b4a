/**
 * What the traffic that the policy allows makes of the datapath: no more megaflows than the address plan asks for, in
 * a mask for each length of prefix each way. For each local endpoint that is one for each prefix of its peers elsewhere and one for each peer beside it;
 * inbound, one for each prefix of the party that the fabric's packets come from.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { addressSetOf, prefixesOf } from "../../src/net/address-set.js";
import type { Frame } from "../../src/net/packet.js";
import { printFlow } from "../../src/openflow/print.js";
import type { Endpoint } from "../../src/policy/inventory.js";
import { countMegaflows } from "../support/count-megaflows.js";
import { crowdedNode } from "../support/crowded-node.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";
import { ownAddress, roceFrame } from "../support/roce-frame.js";

const seed = 20261124;
const ports = ["uplink", ...Array.from({ length: 16 }, (_, index) => `v${index}`)];
const numbers = new Map(ports.map((name, index) => [name, index + 1]));
const bridgeMac = 0x0c42a1000101n;
const leafMac = 0x0c42a1ff0001n;

describeWithOpenVswitch("what the policy allows", () => {
  test.each(["routed", "bridged"] as const)(
    `makes the fewest megaflows, and a mask for each length of prefix, on a %s rail with a block of addresses for each tenant (seed ${seed})`,
    async (mode) => {
      const random = new Random(seed);
      const world = await crowdedNode(random, mode, "aligned", "roce, ping", [4]);
      const ovs = await testSwitch({ bridges: [{ name: "br", ports }] });
      const { flows } = compileRail(world.policy, world.inventory, { node: "n1", rail: "r" });
      const file = join(ovs.runDirectory, "flows");
      writeFileSync(file, flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
      await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);

      const frames: (readonly [string, Frame])[] = [];
      let fewest = 0;
      const outward = new Set<number>();
      const inward = new Set<number>();
      for (const local of world.locals) {
        const peers = world.peersOf(local);
        const remote = peers.filter(({ node }) => node !== "n1");
        for (const peer of peers)
          frames.push([local.representor as string, roceFrame(random, local, peer, bridgeMac)]);
        for (const peer of remote)
          frames.push([
            "uplink",
            roceFrame(random, { ...peer, mac: leafMac }, local, inbound(local)),
          ]);
        const beside = peers.filter(({ node }) => node === "n1");
        const from = lengthsOf([local, ...peers]);
        const to = [...lengthsOf(remote), ...beside.map(() => 32)];
        fewest += from.length + to.length;
        for (const length of from) inward.add(length);
        for (const length of to) outward.add(length);
      }
      const { megaflows, masks } = await countMegaflows(ovs, shuffled(random, frames));
      expect(frames.length).toBeGreaterThan(5 * fewest);
      expect(megaflows).toBe(fewest);
      expect(masks).toBe(outward.size + inward.size);
      expect(masks).toBeLessThanOrEqual(8);

      function inbound(local: Endpoint): bigint {
        return mode === "routed" ? bridgeMac : (local.mac as bigint);
      }
    },
  );
});

/** Of the fewest prefixes that hold these endpoints and nobody else. */
function lengthsOf(endpoints: readonly Endpoint[]): number[] {
  const addresses = endpoints.map((endpoint) => ownAddress(endpoint, 4));
  return prefixesOf(addressSetOf(4, addresses)).map(({ length }) => length);
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
