/**
 * What the traffic that the policy allows makes of the datapath: no more megaflows than the address plan asks for, in
 * a mask for each length of prefix each way. The optimum, for each local endpoint and service: the fewest disjoint
 * prefixes that hold exactly its peers elsewhere, set by set of the rules that open them (a flow tells by its cookie who
 * let the packet pass), and one for each peer beside it; inbound, the fewest that hold exactly the party that the fabric's
 * packets come from. A megaflow is a value and a mask, and what is allowed beyond a prefix is not allowed around it.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { type Address, type Family, widthOf } from "../../src/net/address.js";
import { addressSetOf, holdsAddress, prefixesOf } from "../../src/net/address-set.js";
import type { Frame } from "../../src/net/packet.js";
import { firstOf, lastOf, type Prefix } from "../../src/net/prefix.js";
import { printFlow } from "../../src/openflow/print.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import type { Endpoint, Inventory } from "../../src/policy/inventory.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { countMegaflows } from "../support/count-megaflows.js";
import { crowdedNode } from "../support/crowded-node.js";
import { oddPlan } from "../support/odd-plan.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";
import { ownAddress, roceFrame } from "../support/roce-frame.js";

const seed = 20261124;
const ports = ["uplink", ...Array.from({ length: 16 }, (_, index) => `v${index}`)];
const numbers = new Map(ports.map((name, index) => [name, index + 1]));
const bridgeMac = 0x0c42a1000101n;
const leafMac = 0x0c42a1ff0001n;

describeWithOpenVswitch("what the policy allows", () => {
  test.each([
    ["routed", 4, "roce, ping"],
    ["bridged", 4, "roce, ping"],
    ["routed", 6, "roce, ping"],
    ["bridged", 6, "roce, ping"],
    ["routed", 6, "roce, ping, web"],
    ["bridged", 6, "roce, ping, web"],
  ] as const)(
    `makes the fewest megaflows, and a mask for each length of prefix, on a %s rail with a block of IPv%i addresses for each tenant that may use %s (seed ${seed})`,
    async (mode, family, services) => {
      const random = new Random(seed);
      const world = await crowdedNode(random, mode, "aligned", services, [family]);
      const ovs = await testSwitch({ bridges: [{ name: "br", ports }] });
      await install(ovs, world.policy, world.inventory);

      const frames: (readonly [string, Frame])[] = [];
      let fewest = 0;
      const outward = new Set<number>();
      const inward = new Set<number>();
      for (const local of world.locals) {
        const peers = world.peersOf(local);
        const remote = peers.filter(({ node }) => node !== "n1");
        for (const peer of peers)
          frames.push([
            local.representor as string,
            roceFrame(random, local, peer, bridgeMac, family),
          ]);
        for (const peer of remote)
          frames.push([
            "uplink",
            roceFrame(random, { ...peer, mac: leafMac }, local, inbound(mode, local), family),
          ]);
        const beside = peers.filter(({ node }) => node === "n1");
        const from = lengthsOf([local, ...peers], family);
        const to = [...lengthsOf(remote, family), ...beside.map(() => widthOf(family))];
        fewest += from.length + to.length;
        for (const length of from) inward.add(length);
        for (const length of to) outward.add(length);
      }
      const { megaflows, masks } = await countMegaflows(ovs, random.shuffled(frames));
      expect(frames.length).toBeGreaterThan(5 * fewest);
      expect(megaflows).toBe(fewest);
      expect(masks).toBe(outward.size + inward.size);
      expect(masks).toBeLessThanOrEqual(8);
    },
  );

  test.each(
    (["routed", "bridged"] as const).flatMap((mode) =>
      Array.from({ length: 3 }, (_, at) => [mode, seed + at] as const),
    ),
  )(
    "makes the fewest megaflows on a %s rail whose IPv6 prefixes end at any bit (seed %i)",
    async (mode, planSeed) => {
      const random = new Random(planSeed);
      const plan = await oddPlan(random, mode);
      const ovs = await testSwitch({ bridges: [{ name: "br", ports }] });
      await install(ovs, plan.policy, plan.inventory);
      const frames: (readonly [string, Frame])[] = [];
      const outward: number[] = [];
      const inward: number[] = [];
      for (const local of plan.locals) {
        const allies = plan.alliesOf(local);
        const isRemote = ({ node }: Endpoint) => node !== "n1";
        const remote = allies.filter(isRemote);
        const networks = plan.networksOf(local).map((prefixes) => fewest(prefixes));
        const strangers = networks
          .flat()
          .flatMap((prefix) =>
            addressesIn(random, prefix).map((address) => ({ ...local, addresses: [address] })),
          );
        const send = (peer: Endpoint) =>
          frames.push([local.representor as string, roceFrame(random, local, peer, bridgeMac, 6)]);
        const receive = (peer: Endpoint) =>
          frames.push([
            "uplink",
            roceFrame(random, { ...peer, mac: leafMac }, local, inbound(mode, local), 6),
          ]);
        for (const peer of [...allies.filter((one) => one !== local), ...strangers]) send(peer);
        for (const peer of [...remote, ...strangers]) receive(peer);
        const lengths = networks.flat().map(({ length }) => length);
        const beside = allies.filter((one) => one !== local && !isRemote(one));
        outward.push(...lengthsOf(remote, 6), ...beside.map(() => 128), ...lengths);
        // of one that holds nobody elsewhere, no packet comes in
        const senders = fewest(allies.map((one) => ownAddress(one, 6))).filter((prefix) =>
          remote.some((one) => holdsAddress(addressSetOf(6, [prefix]), ownAddress(one, 6))),
        );
        inward.push(...senders.map(({ length }) => length), ...lengths);
      }
      const { megaflows, masks, drops } = await countMegaflows(ovs, random.shuffled(frames));
      expect(drops).toBe(0);
      expect(outward.filter((length) => length % 4 !== 0).length).toBeGreaterThan(50);
      expect(frames.length).toBeGreaterThan(3 * (outward.length + inward.length));
      expect(megaflows).toBe(outward.length + inward.length);
      // both addresses exact is one mask both ways, where the source's MAC is in megaflows of the fabric's packets, too
      const shared = mode === "routed" && inward.includes(128) && outward.includes(128) ? 1 : 0;
      expect(masks).toBe(new Set(outward).size + new Set(inward).size - shared);
    },
  );
});

async function install(
  ovs: PrivateSwitch,
  policy: CheckedPolicy,
  inventory: Inventory,
): Promise<void> {
  const { flows } = compileRail(policy, inventory, { node: "n1", rail: "r" });
  const file = join(ovs.runDirectory, "flows");
  writeFileSync(file, flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
  await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
}

function inbound(mode: "routed" | "bridged", local: Endpoint): bigint {
  return mode === "routed" ? bridgeMac : (local.mac as bigint);
}

function fewest(members: readonly (Address | Prefix)[]): Prefix[] {
  return prefixesOf(addressSetOf(6, members));
}

/** Its ends, and enough between them to meet each part that a stride would cut it into. */
function addressesIn(random: Random, prefix: Prefix): Address[] {
  const [first, last] = [firstOf(prefix), lastOf(prefix)];
  const between = Array.from({ length: 12 }, () => first | random.bits(128 - prefix.length));
  return [...new Set([first, last, ...between])].map((value) => ({ family: 6, value }));
}

/** Of the fewest prefixes that hold these endpoints and nobody else. */
function lengthsOf(endpoints: readonly Endpoint[], family: Family): number[] {
  const addresses = endpoints.map((endpoint) => ownAddress(endpoint, family));
  return prefixesOf(addressSetOf(family, addresses)).map(({ length }) => length);
}
