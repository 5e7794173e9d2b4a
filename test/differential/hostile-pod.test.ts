/**
 * What one hostile pod can make of the datapath: 4,000 crafted frames of each kind, megaflows and masks counted. The
 * bound for every kind: 96 masks (64 where the rail speaks IPv4 alone), whatever they do, and 800 megaflows that let
 * nothing through. Where the kind is about destinations, the gaps between those that the pod may reach or ask for come on
 * top; a TCP service in both directions has megaflows of its own, see `boundOf`. A wrong group is wrong for each
 * neighbour anew, so there it takes three times the frames to see that they make no more.
 *
 * Nothing ages out for ten seconds, so all kinds one after the other add up: that sum is held to a bound, too.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { arpStrides, endsOf, ipv6Strides } from "../../src/compile/strides.js";
import type { Family } from "../../src/net/address.js";
import { addressSetOf, prefixesOf } from "../../src/net/address-set.js";
import type { Frame } from "../../src/net/packet.js";
import { printFlow } from "../../src/openflow/print.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { countMegaflows } from "../support/count-megaflows.js";
import { type CrowdedNode, crowdedNode } from "../support/crowded-node.js";
import {
  type Attacker,
  type HostileKind,
  hostileKinds,
  needsIpv6,
} from "../support/hostile-frames.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";

const seed = 20261123;
const framesPerKind = 4000;
const ports = ["uplink", ...Array.from({ length: 16 }, (_, index) => `v${index}`)];
const numbers = new Map(ports.map((name, index) => [name, index + 1]));

describeWithOpenVswitch("a hostile pod", () => {
  const both = [4, 6] as const;
  const cases = [
    ...(["routed", "bridged"] as const).flatMap((mode) =>
      (["aligned", "scattered"] as const).flatMap((plan) =>
        ["roce, ping", "roce, ping, web"].map((services) => [mode, plan, services, both] as const),
      ),
    ),
    ["routed", "aligned", "roce, ping, web", [4]] as const,
    ["bridged", "scattered", "roce, ping, web", [4]] as const,
  ];
  test.each(cases)(
    `stays within its bound on a %s rail with %s addresses, %s and families %j (seed ${seed})`,
    async (mode, plan, services, families) => {
      const random = new Random(seed);
      const world = await crowdedNode(random, mode, plan, services, families);
      const { ovs, attacker, representor } = await attack(world);
      const lines: string[] = [];
      for (const [name, kind] of kindsFor(families)) {
        const count = name === "neighbour discovery groups" ? 3 * framesPerKind : framesPerKind;
        const frames = framesOf(random, attacker, representor, kind, count);
        const { megaflows, drops, masks } = await countMegaflows(ovs, frames);
        lines.push(`${name}: ${megaflows} megaflows, ${drops} of them drops, ${masks} masks`);
        const bound = 800 + besides(name, world, attacker, services.includes("web"));
        expect(drops, lines.join("\n")).toBeLessThanOrEqual(bound);
        expect(masks, lines.join("\n")).toBeLessThanOrEqual(families.length === 1 ? 64 : 96);
        // far fewer than frames, whatever the bound allows
        expect(megaflows, lines.join("\n")).toBeLessThan(count / 2);
      }
    },
  );

  const sums = [
    ["routed", both, 6100, 330],
    ["bridged", [4], 2400, 116],
  ] as const;
  test.each(sums)(
    `that sends every kind on a %s rail with families %j makes at most %i megaflows in %i masks (seed ${seed})`,
    async (mode, families, most, mostMasks) => {
      const random = new Random(seed);
      const world = await crowdedNode(random, mode, "aligned", "roce, ping, web", families);
      const { ovs, attacker, representor } = await attack(world);
      const frames = kindsFor(families).flatMap(([, kind]) =>
        framesOf(random, attacker, representor, kind),
      );
      const { megaflows, masks } = await countMegaflows(ovs, frames);
      expect(megaflows).toBeLessThanOrEqual(most);
      expect(masks).toBeLessThanOrEqual(mostMasks);
    },
  );

  test(`whose rules say "all" beside something narrower makes a megaflow for each protocol and destination (seed ${seed})`, async () => {
    const random = new Random(seed);
    const services = "all allow t0 <-> t1 : roce";
    const world = await crowdedNode(random, "routed", "aligned", services, [4]);
    const { ovs, attacker, representor } = await attack(world);
    const protocols = hostileKinds["protocols, at every peer"] as HostileKind;
    const frames = framesOf(random, attacker, representor, protocols);
    const { megaflows, masks } = await countMegaflows(ovs, frames);
    // OpenFlow has no mask for the protocol: all 256 are told apart, for only one of them is what the others may not do
    const elsewhere = attacker.peers.filter(({ node }) => node !== world.node);
    const reached = prefixesOf(
      addressSetOf(
        4,
        elsewhere.flatMap(({ addresses }) => addresses),
      ),
    );
    const beside = attacker.peers.length - elsewhere.length;
    expect(megaflows).toBeLessThanOrEqual(256 * (reached.length + beside));
    expect(megaflows).toBeGreaterThan(800);
    expect(masks).toBeLessThanOrEqual(16);
  });
});

function kindsFor(families: readonly Family[]): [string, HostileKind][] {
  return Object.entries(hostileKinds).filter(([name]) => families.length === 2 || !needsIpv6(name));
}

function framesOf(
  random: Random,
  attacker: Attacker,
  representor: string,
  kind: HostileKind,
  count = framesPerKind,
): (readonly [string, Frame])[] {
  return Array.from({ length: count }, () => [representor, kind(random, attacker)] as const);
}

async function attack(
  world: CrowdedNode,
): Promise<{ ovs: PrivateSwitch; attacker: Attacker; representor: string }> {
  const ovs = await testSwitch({ bridges: [{ name: "br", ports }] });
  await install(ovs, world);
  const pod = world.locals[0];
  if (pod?.representor === undefined) throw new Error("no pod to attack from");
  const attacker = {
    pod,
    gatewayMac: 0x0c42a1000101n,
    peers: world.peersOf(pod),
    gateways: world.inventory.rails.get(world.rail)?.gateways ?? [],
  };
  return { ovs, attacker, representor: pod.representor };
}

async function install(
  ovs: PrivateSwitch,
  { policy, inventory, node, rail }: CrowdedNode,
): Promise<void> {
  // nothing may age out, or be refused, while it is counted
  await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-idle=600000");
  const { flows } = compileRail(policy, inventory, { node, rail });
  const file = join(ovs.runDirectory, "flows");
  writeFileSync(file, flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
  await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
}

/**
 * Megaflows beside the 800.
 *
 * A TCP service in both directions is the one check that does not stand behind another: a packet passes by its
 * destination port or, with ACK, by its source port. Two packets that miss in different bits of either can share no
 * megaflow, for a right one would be in it: 16 times 17 megaflows at least, in each IP family, whatever the layout; ours
 * makes at most 53 times 61 in far fewer masks, 94 times 61 where the rail speaks two families (as many as these frames find stay within 53).
 *
 * The gaps in IPv4 are those that OVS's trie proves, in the table of all tenants; in a walk, a wrong value of each stride
 * of each prefix. Where the bridge answers, the group of a solicitation is compared with each target (own-group.ts).
 */
function besides(
  kind: string,
  { inventory }: CrowdedNode,
  { pod, peers, gateways }: Attacker,
  answersTcp: boolean,
): number {
  const met = [...peers.flatMap(({ addresses }) => addresses), ...gateways];
  const walked = (family: Family, strides: readonly number[]) => {
    const ends = endsOf(strides);
    const bits = ends.at(-1) as number;
    const prefixes = prefixesOf(addressSetOf(family, met));
    const nodes = ends.map((end) => {
      const passed = prefixes.filter(({ length }) => length >= end);
      return new Set(passed.map(({ value }) => value >> BigInt(bits - end))).size;
    });
    return strides.reduce(
      (sum, width, at) => sum + (nodes[at - 1] ?? 1) * (1 << width) - (nodes[at] as number),
      0,
    );
  };
  const trie = new Set<string>();
  const all = inventory.endpoints.flatMap(({ addresses }) => addresses);
  for (const { value, length } of prefixesOf(addressSetOf(4, all)))
    for (let at = 1; at <= length; at++) trie.add(`${at} ${value >> BigInt(32 - at)}`);
  const groups = 72 * met.filter(({ family }) => family === 6).length;
  const families = new Set(pod.addresses.map(({ family }) => family)).size;
  if (kind.startsWith("destination IPv4")) return trie.size;
  if (kind.startsWith("destination IPv6")) return walked(6, ipv6Strides);
  if (kind === "ARP fields") return walked(4, arpStrides);
  if (kind === "neighbour discovery fields") return walked(6, ipv6Strides) + groups;
  if (kind === "destination MAC" || kind === "neighbour discovery groups") return groups;
  if (kind.startsWith("forged answers") && answersTcp) return families * 53 * 61;
  return 0;
}
