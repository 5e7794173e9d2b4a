/** What an install opens and closes, by the flows, is what the policies before and after say of single connections. */

import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { type Address, isSameAddress } from "../../src/net/address.js";
import { prefixHolds } from "../../src/net/prefix.js";
import { holdsTraffic } from "../../src/net/traffic.js";
import { readFlows } from "../../src/openflow/read.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import { explainConnection } from "../../src/policy/connection.js";
import { addressesOfEveryKind } from "../../src/policy/every-kind.js";
import { identify } from "../../src/policy/identity.js";
import type { Rail } from "../../src/policy/inventory.js";
import { installReach } from "../../src/verify/install-reach/install-reach.js";
import type { ReachedSide } from "../../src/verify/install-reach/reach-change.js";
import { Random } from "../support/random.js";
import { randomWorld, type World } from "../support/random-world.js";

const seed = 20_261_123;

const probes = [
  ...[0, 53, 443, 444, 1023, 1024, 2049, 8080, 8090].map((port) => [6, port] as const),
  ...[53, 4790, 4791].map((port) => [17, port] as const),
  [47, 0] as const,
];
const icmp = { 4: [0x0800, 0x0300, 0x0304, 0x0b00], 6: [0x8000, 0x0100, 0x0200, 0x0300] };

test(`opened and closed are the connections that the policies say (seed ${seed})`, async () => {
  const random = new Random(seed);
  let opened = 0;
  let closed = 0;
  for (let run = 0; run < 10; run++) {
    const world = await randomWorld(random);
    const { inventory, node } = world;
    const rail = random.pick(["r1", "r2"]);
    // with `trust`, the uplink's packets are another node's to check
    if (inventory.nodes.get(node)?.rails.get(rail)?.uplinkSource === "trust") continue;
    const some = (): CheckedPolicy => ({
      ...world.policy,
      rules: world.policy.rules.filter(() => random.chance(0.7)),
    });
    const [old, policy] = [some(), some()];
    const [before, after] = [old, policy].map(
      (one) => compileRail(one, inventory, { node, rail }).flows,
    );
    const reach = installReach({
      ...{ policy, inventory, node, rail, portNumbers: new Map() },
      ...{ before: before ?? [], after: after ?? [] },
    });
    expect(reach.unknownPorts).toEqual([]);
    const isSaid = (way: string, connection: [Address, Address, number, number]) => {
      const [opener, answerer, protocol, selector] = connection;
      return reach.changes.some(
        (change) =>
          change.way === way &&
          change.family === opener.family &&
          isSide(world, rail, change.opener, opener) &&
          isSide(world, rail, change.answerer, answerer) &&
          holdsTraffic(change.traffic, protocol, selector),
      );
    };
    for (const [opener, answerer] of pairsOf(world, rail, random)) {
      const asked = [
        ...probes,
        ...icmp[opener.family].map((one) => [opener.family === 4 ? 1 : 58, one] as const),
      ];
      for (const [protocol, selector] of asked) {
        const connection = { rail, opener, answerer, protocol, selector };
        const was = explainConnection(old, inventory, connection).allowed;
        const is = explainConnection(policy, inventory, connection).allowed;
        const words: [Address, Address, number, number] = [opener, answerer, protocol, selector];
        expect([isSaid("opens", words), isSaid("closes", words)]).toEqual([is && !was, was && !is]);
        if (is && !was) opened++;
        if (was && !is) closed++;
      }
    }
  }
  expect(Math.min(opened, closed)).toBeGreaterThan(30);
});

test("a copy for a controller is not delivered to anybody", async () => {
  const { policy, inventory, node } = await randomWorld(new Random(seed));
  const { flows, ports } = compileRail(policy, inventory, { node, rail: "r1" });
  const opens = (actions: string) => {
    const text = `table=0,priority=65535,in_port=${ports.uplink} actions=${actions}\n`;
    const after = readFlows({ name: "foreign", text }).flows;
    const reach = installReach({
      ...{ policy, inventory, node, rail: "r1", portNumbers: new Map() },
      ...{ before: [], after },
    });
    return reach.changes.length;
  };
  const [pod] = [...new Set(flows.map(({ match }) => match.inPort))].filter(
    (port) => typeof port === "string" && port !== ports.uplink && port !== "LOCAL",
  );
  expect(opens("controller")).toBe(0);
  expect(opens(`controller,output:${pod}`)).toBeGreaterThan(0);
});

/** Each endpoint of the node with addresses of every kind, either way. */
function pairsOf(world: World, rail: string, random: Random): [Address, Address][] {
  const { policy, inventory, node } = world;
  const locals = inventory.endpoints
    .filter((endpoint) => endpoint.node === node && endpoint.rail === rail)
    .flatMap(({ addresses }) => addresses);
  return locals.flatMap((local) => {
    const kinds = addressesOfEveryKind(
      policy,
      inventory,
      inventory.rails.get(rail) as Rail,
      local.family,
    ).filter((other) => !isSameAddress(other, local));
    return random
      .some(kinds, 1)
      .slice(0, 12)
      .map((other): [Address, Address] => (random.chance(0.5) ? [local, other] : [other, local]));
  });
}

function isSide(world: World, rail: string, side: ReachedSide, address: Address): boolean {
  const identity = identify(world.policy, world.inventory, rail, address);
  const tenant = identity.kind === "unknown" ? undefined : identity.tenant?.name;
  const namespace = identity.kind === "endpoint" ? identity.endpoint.namespace : undefined;
  return (
    side.tenant === tenant &&
    side.namespace === namespace &&
    side.stands === identity.stands &&
    (side.addresses?.some((prefix) => prefixHolds(prefix, address)) ?? true)
  );
}
