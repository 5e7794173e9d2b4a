/** One address, or two, of every kind that a policy can tell apart from the bridge of a rail. */

import { type Address, type Family, printAddress } from "../net/address.js";
import {
  type AddressSet,
  addressSetOf,
  everyAddress,
  intersectAddresses,
  subtractAddresses,
  uniteAddresses,
} from "../net/address-set.js";
import { lastOf, type Prefix } from "../net/prefix.js";
import type { CheckedPolicy } from "./checked-policy.js";
import type { Inventory, Rail } from "./inventory.js";

const multicast: { readonly [family in Family]: Prefix } = {
  4: { family: 4, value: 0xe0000000n, length: 4 },
  6: { family: 6, value: 0xffn << 120n, length: 8 },
};

/**
 * Addresses of one kind are covered by the same selectors and stand on the same rail, so that "some address
 * may open this" is answered by trying these. Two of a kind, because an address never talks to itself.
 * Every endpoint is a kind of its own here: slower, and nothing to get wrong.
 */
export function addressesOfEveryKind(
  policy: CheckedPolicy,
  inventory: Inventory,
  rail: Rail,
  family: Family,
): Address[] {
  const never = neverAddresses(rail, family);
  const endpoints = addressSetOf(
    family,
    inventory.endpoints.flatMap((endpoint) => endpoint.addresses),
  );
  const tenants = [...policy.tenants.values()];
  const networks = tenants.map(({ networks }) => addressSetOf(family, networks));
  const rails = [rail, ...inventory.rails.values()];
  const known = uniteAddresses(never, endpoints, ...networks);
  const strangers = subtractAddresses(everyAddress(family), known);
  const subnets = rails.map(({ subnets }) => addressSetOf(family, subnets));
  const kinds = [
    ...networks.map((network) => subtractAddresses(network, uniteAddresses(never, endpoints))),
    ...subnets.map((subnet) => intersectAddresses(strangers, subnet)),
    // outside the asking rail: what another rail holds counts as standing there
    ...subnets
      .slice(1)
      .map((subnet) =>
        intersectAddresses(subtractAddresses(strangers, subnets[0] as AddressSet), subnet),
      ),
    subtractAddresses(strangers, uniteAddresses(...(subnets as [AddressSet, ...AddressSet[]]))),
  ];
  const own = inventory.endpoints.flatMap((endpoint) =>
    endpoint.addresses.filter((address) => address.family === family),
  );
  const seen = new Map<string, Address>();
  for (const address of [...own, ...kinds.flatMap(firstTwoOf)])
    seen.set(printAddress(address), address);
  return [...seen.values()];
}

function neverAddresses(rail: Rail, family: Family): AddressSet {
  const broadcasts = rail.subnets
    .filter((subnet) => subnet.family === 4 && subnet.length <= 30)
    .map((subnet) => ({ family: 4 as const, value: lastOf(subnet) }));
  return addressSetOf(family, [
    multicast[family],
    { family: 4, value: 0xffffffffn },
    ...broadcasts,
  ]);
}

function firstTwoOf(set: AddressSet): Address[] {
  return set.ranges
    .flatMap(({ first, last }) => (first === last ? [first] : [first, first + 1n]))
    .slice(0, 2)
    .map((value) => ({ family: set.family, value }));
}
