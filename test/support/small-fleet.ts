/** A fleet for the policies of small-policy.ts: two rails, every kind of namespace twice on each. */

import { type Address, parseAddress } from "../../src/net/address.js";
import { type Prefix, parsePrefix } from "../../src/net/prefix.js";
import type { Pair } from "../../src/policy/connection.js";
import type { Endpoint, Inventory, Rail } from "../../src/policy/inventory.js";

/** Every namespace that the patterns there could tell apart, and one that nobody claims. */
const namespaces = [
  ...["a-x", "a-y", "a-", "a-x-x", "shared"],
  ...["b-one", "b-two", "bb", "bxb", "bob"],
  ...["d-", "d-1", "d-x", "nobody"],
];

const rails = ["pf1", "pf2"];

export const smallFleet: Inventory = {
  rails: new Map(rails.map((name, index) => [name, railOf(name, index)])),
  nodes: new Map(),
  endpoints: rails.flatMap((rail, index) =>
    namespaces.flatMap((namespace, place) =>
      [1, 2].map((copy) => endpointOf(namespace, rail, index, place * 2 + copy)),
    ),
  ),
};

/** Those of endpoints, of networks of tenants, and of nobody. */
export const addressesOfSmallFleet: readonly Address[] = [
  ...smallFleet.endpoints.flatMap(({ addresses }) => addresses),
  ...["10.101.200.1", "192.0.2.1", "fd00:101::ffff", "2001:db8::1"].map(addressOf),
  ...["10.200.0.1", "10.200.0.2", "fd00:200::1", "fd00:200::2"].map(addressOf),
  ...["10.201.0.1", "fd00:201::1", "fd00:201::2"].map(addressOf),
];

/** One endpoint of a namespace with one of each other, on one rail and across. */
export const endpointPairs: readonly Pair[] = rails.flatMap((rail) => {
  const some = smallFleet.endpoints
    .filter((_, index) => index % 2 === 0)
    .map(({ addresses }) => addresses[0] as Address);
  return some.flatMap((opener) => some.map((answerer) => ({ rail, opener, answerer })));
});

export function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(text);
  return address;
}

export function prefixOfText(text: string): Prefix {
  const read = parsePrefix(text);
  if (read.kind !== "prefix") throw new Error(text);
  return read.prefix;
}

function railOf(name: string, index: number): Rail {
  const subnets = [`10.${101 + index}.0.0/16`, `fd00:${101 + index}::/48`].map(prefixOfText);
  return { name, mode: "bridged", subnets, gateways: [] };
}

function endpointOf(namespace: string, rail: string, index: number, host: number): Endpoint {
  const texts = [`10.${101 + index}.0.${host}`, `fd00:${101 + index}::${host}`];
  return { namespace, pod: `pod-${host}`, node: "n", rail, addresses: texts.map(addressOf) };
}
