/** The same fleet with one block of addresses for each tenant, and in it one for each node: what prefixes cost least. */

import { type Address, type Family, widthOf } from "../../net/address.js";
import { firstOf, lastOf, type Prefix, printPrefix } from "../../net/prefix.js";
import type { CheckedPolicy } from "../../policy/checked-policy.js";
import type { Endpoint, Inventory } from "../../policy/inventory.js";
import { namespaceOwners } from "../../policy/namespace-owners.js";
import type { TenantBlocks } from "./advice.js";

export interface AlignedPlan {
  readonly inventory: Inventory;
  readonly tenants: readonly TenantBlocks[];
}

/** Undefined where a subnet of the rail is too small for it. */
export function alignedPlan(
  policy: CheckedPolicy,
  inventory: Inventory,
  rail: string,
): AlignedPlan | undefined {
  const subnets = inventory.rails.get(rail)?.subnets ?? [];
  const owner = namespaceOwners(policy);
  const moved = new Map<Endpoint, Address[]>();
  const blocks = new Map<string, string[]>();
  for (const family of [4, 6] as const) {
    const standing = inventory.endpoints.filter(
      (one) => one.rail === rail && one.addresses.some((address) => address.family === family),
    );
    if (standing.length === 0) continue;
    const subnet = subnets.find((one) => one.family === family);
    if (subnet === undefined) return undefined;
    const groups = groupBy(standing, ({ namespace }) => owner(namespace)?.name ?? "*");
    const free = new Allocator(subnet);
    for (const [tenant, members] of bySize(groups)) {
      const nodes = bySize(groupBy(members, ({ node }) => node));
      const counts = nodes.map(([, own]) => roundUp(addressesOf(own, family)));
      const block = free.take(roundUp(counts.reduce((sum, count) => sum + count, 0)));
      if (block === undefined) return undefined;
      blocks.set(tenant, [...(blocks.get(tenant) ?? []), printPrefix(block)]);
      let next = firstOf(block);
      for (const [at, [, own]] of nodes.entries()) {
        let value = next;
        for (const endpoint of own)
          for (const address of endpoint.addresses)
            if (address.family === family)
              moved.set(endpoint, [...(moved.get(endpoint) ?? []), { family, value: value++ }]);
        next += BigInt(counts[at] as number);
      }
    }
  }
  const endpoints = inventory.endpoints.map((one) => {
    const addresses = moved.get(one);
    return addresses === undefined ? one : { ...one, addresses };
  });
  return {
    inventory: { ...inventory, endpoints },
    tenants: [...blocks].map(([tenant, own]) => ({ tenant, blocks: own })),
  };
}

function addressesOf(endpoints: readonly Endpoint[], family: Family): number {
  return endpoints.flatMap(({ addresses }) => addresses).filter((one) => one.family === family)
    .length;
}

function groupBy(
  endpoints: readonly Endpoint[],
  keyOf: (endpoint: Endpoint) => string,
): Map<string, Endpoint[]> {
  const groups = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const key = keyOf(endpoint);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [endpoint]);
    else group.push(endpoint);
  }
  return groups;
}

/** Largest first: blocks of falling sizes, one after another, are all aligned. */
function bySize(groups: ReadonlyMap<string, Endpoint[]>): [string, Endpoint[]][] {
  return [...groups].sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1));
}

function roundUp(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}

/** Hands out aligned blocks of a subnet, the first of them left to gateways and the last to broadcast. */
class Allocator {
  readonly #subnet: Prefix;
  #next: bigint | undefined;

  constructor(subnet: Prefix) {
    this.#subnet = subnet;
  }

  take(size: number): Prefix | undefined {
    const bits = BigInt(size);
    const reserved = bits > 4n ? bits : 4n;
    const from = this.#next ?? firstOf(this.#subnet) + reserved;
    const value = ((from + bits - 1n) / bits) * bits;
    if (value + bits > lastOf(this.#subnet)) return undefined;
    this.#next = value + bits;
    const { family } = this.#subnet;
    return { family, value, length: widthOf(family) - Math.log2(size) };
  }
}
