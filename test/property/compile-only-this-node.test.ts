/** A node gets flows for its own endpoints and for the peers that some rule lets them meet, and for nobody else. */

import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { type Address, isSameAddress } from "../../src/net/address.js";
import { isNoTraffic } from "../../src/net/traffic.js";
import type { FieldName } from "../../src/openflow/field.js";
import { openTraffic } from "../../src/policy/connection.js";
import type { Endpoint, Inventory } from "../../src/policy/inventory.js";
import {
  type CompiledWorld,
  compiledWorlds,
  flowText,
  worldText,
} from "../support/compiled-world.js";
import { Random } from "../support/random.js";

const seed = 20_261_206;

/** By the reference meaning, which shares no code with the compiler. */
function meetsSomebodyHere(
  { policy, compiled, node }: CompiledWorld,
  inventory: Inventory,
  address: Address,
): boolean {
  const { rail } = compiled;
  return inventory.endpoints
    .filter((endpoint) => endpoint.rail === rail && endpoint.node === node)
    .flatMap(({ addresses }) => addresses)
    .filter(({ family }) => family === address.family)
    .some((own) =>
      [
        { rail, opener: own, answerer: address },
        { rail, opener: address, answerer: own },
      ].some((pair) => !isNoTraffic(openTraffic(policy, inventory, pair))),
    );
}

/** Nobody here meets the endpoint, nor would meet a stranger in its place. */
function isOutOfSight(world: CompiledWorld, endpoint: Endpoint): boolean {
  const { inventory, compiled, node } = world;
  if (endpoint.node === node && endpoint.rail === compiled.rail) return false;
  // rights are a party's: where its members speak one family, the other's flows are there all the same
  if (endpoint.addresses.length < 2) return false;
  const without = { ...inventory, endpoints: inventory.endpoints.filter((e) => e !== endpoint) };
  return endpoint.addresses.every(
    (address) =>
      !meetsSomebodyHere(world, inventory, address) && !meetsSomebodyHere(world, without, address),
  );
}

test(`whom nobody here may meet leaves no trace: without them, the same bytes (seed ${seed})`, async () => {
  let gone = 0;
  for await (const world of compiledWorlds(new Random(seed), 60)) {
    const { policy, inventory, compiled, node } = world;
    const endpoints = inventory.endpoints.filter((endpoint) => !isOutOfSight(world, endpoint));
    gone += inventory.endpoints.length - endpoints.length;
    const smaller = compileRail(policy, { ...inventory, endpoints }, { node, rail: compiled.rail });
    expect(flowText(smaller.flows), worldText(world)).toBe(flowText(compiled.flows));
  }
  expect(gone).toBeGreaterThan(200);
});

const fullMask = { 4: (1n << 32n) - 1n, 6: (1n << 128n) - 1n };
const addressFields = new Map<FieldName, 4 | 6>([
  ...(["nw_src", "nw_dst", "arp_spa", "arp_tpa"] as const).map((name) => [name, 4] as const),
  ...(["ipv6_src", "ipv6_dst", "nd_target"] as const).map((name) => [name, 6] as const),
]);

test(`an endpoint elsewhere stands in a flow only if somebody here meets it, or to be cut out (seed ${seed})`, async () => {
  let named = 0;
  for await (const world of compiledWorlds(new Random(seed), 40)) {
    const { inventory, compiled, node } = world;
    const away = inventory.endpoints.filter((e) => e.node !== node || e.rail !== compiled.rail);
    for (const { match, actions } of compiled.flows)
      for (const { field, value, mask } of match.fields) {
        const family = addressFields.get(field);
        if (family === undefined || mask !== fullMask[family] || actions.length === 0) continue;
        const address = { family, value };
        const isAway = away.some(({ addresses }) =>
          addresses.some((one) => isSameAddress(one, address)),
        );
        if (!isAway) continue;
        named++;
        expect(meetsSomebodyHere(world, inventory, address), worldText(world)).toBe(true);
      }
  }
  expect(named).toBeGreaterThan(100);
});
