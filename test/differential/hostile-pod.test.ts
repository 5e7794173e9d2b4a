/**
 * What one hostile pod can make of the datapath: 4,000 crafted frames of each kind, megaflows and masks counted. The
 * bound for every kind: 800 megaflows and 128 masks, plus one megaflow for each whom the pod may rightly speak to or ask
 * for, plus the gaps between those. The 128 masks do not hold in two places, which have wider ones of their own: all
 * fields at once on a port that speaks IPv4, IPv6 and ARP (129 to 135 seen), and a TCP service in both directions.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import type { Family } from "../../src/net/address.js";
import {
  addressSetOf,
  everyAddress,
  prefixesOf,
  subtractAddresses,
} from "../../src/net/address-set.js";
import { printFlow } from "../../src/openflow/print.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { countMegaflows } from "../support/count-megaflows.js";
import { type CrowdedNode, crowdedNode } from "../support/crowded-node.js";
import { type Attacker, hostileKinds } from "../support/hostile-frames.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";

const seed = 20261123;
const framesPerKind = 4000;
const ports = ["uplink", ...Array.from({ length: 16 }, (_, index) => `v${index}`)];
const numbers = new Map(ports.map((name, index) => [name, index + 1]));

describeWithOpenVswitch("a hostile pod", () => {
  const cases = (["routed", "bridged"] as const).flatMap((mode) =>
    (["aligned", "scattered"] as const).flatMap((plan) =>
      ["roce, ping", "roce, ping, web"].map((services) => [mode, plan, services] as const),
    ),
  );
  test.each(cases)(
    `stays within its bound on a %s rail with %s addresses and %s (seed ${seed})`,
    async (mode, plan, services) => {
      const random = new Random(seed);
      const world = await crowdedNode(random, mode, plan, services);
      const ovs = await testSwitch({ bridges: [{ name: "br", ports }] });
      await install(ovs, world);
      const pod = world.locals[0];
      if (pod?.representor === undefined) throw new Error("no pod to attack from");
      const representor = pod.representor;
      const attacker: Attacker = {
        pod,
        gatewayMac: 0x0c42a1000101n,
        peers: world.peersOf(pod),
        gateways: world.inventory.rails.get(world.rail)?.gateways ?? [],
      };
      const bound = boundOf(world, attacker, services.includes("web"));
      const lines: string[] = [];
      for (const [name, kind] of Object.entries(hostileKinds)) {
        const frames = Array.from(
          { length: framesPerKind },
          () => [representor, kind(random, attacker)] as const,
        );
        const isWider = name === "everything at once" || services.includes("web");
        const { megaflows, masks } = await countMegaflows(ovs, frames);
        lines.push(`${name}: ${megaflows} megaflows, ${masks} masks`);
        expect(megaflows, lines.join("\n")).toBeLessThanOrEqual(bound.megaflows);
        expect(masks, lines.join("\n")).toBeLessThanOrEqual(isWider ? bound.masks : 128);
        // far fewer than frames, whatever the bound allows
        expect(megaflows, lines.join("\n")).toBeLessThan(framesPerKind / 2);
      }
    },
  );
});

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
 * A TCP service in both directions is the one check that does not stand behind another: a packet passes by its
 * destination port or, with ACK, by its source port, so the ways to miss the one (16 lengths of prefix, in each IP
 * family) go with those to miss the other, and with every peer that the answer may go to.
 *
 * The gaps in IPv4 are those that OVS's trie proves, in the table of all tenants; in the walks, 15 at every stride.
 */
function boundOf(
  { inventory }: CrowdedNode,
  { peers, gateways }: Attacker,
  answersTcp: boolean,
): { megaflows: number; masks: number } {
  const all = inventory.endpoints.flatMap(({ addresses }) => addresses);
  const met = [...peers.flatMap(({ addresses }) => addresses), ...gateways];
  const aggregated = (family: Family) => prefixesOf(addressSetOf(family, met));
  const strides = (family: Family) => {
    const bits = family === 4 ? 32 : 128;
    const passed = new Set<string>();
    for (const { value, length } of aggregated(family))
      for (let at = 4; at <= length; at += 4) passed.add(`${at} ${value >> BigInt(bits - at)}`);
    return passed.size;
  };
  const trie = prefixesOf(addressSetOf(4, all));
  const bitsOfTrie = new Set<string>();
  for (const { value, length } of trie)
    for (let at = 1; at <= length; at++) bitsOfTrie.add(`${at} ${value >> BigInt(32 - at)}`);
  const all4 = addressSetOf(4, all);
  const gaps = prefixesOf(subtractAddresses(everyAddress(4), all4));
  const lengths = new Set(gaps.map(({ length }) => length)).size;
  return {
    megaflows:
      800 +
      2 * met.length +
      bitsOfTrie.size +
      15 * (strides(4) + 2 * strides(6)) +
      (answersTcp ? 16 * 16 + 16 * (aggregated(4).length + aggregated(6).length) : 0),
    masks: 128 + lengths + (answersTcp ? 2 * 16 * 16 + 16 * lengths : 0),
  };
}
