/** Who stands on the fleet as one rail's bridge sees it: the members of every party, kept up to date one by one. */

import { type Address, compareAddresses, type Family } from "../net/address.js";
import { type AddressSet, addressSetOf } from "../net/address-set.js";
import type { Prefix } from "../net/prefix.js";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import type { Endpoint, Inventory } from "../policy/inventory.js";
import { type Party, partyOf } from "./party.js";

/** The members of a party that the inventory or the policy names. */
export class Membership {
  readonly party: Party;
  readonly networks: readonly Prefix[];
  /** The fleet's last change that was one of this party. */
  version = 0;
  readonly #endpoints = new Set<Endpoint>();
  readonly #sets = new Map<string, AddressSet>();

  constructor(party: Party, networks: readonly Prefix[]) {
    this.party = party;
    this.networks = networks;
  }

  get isEmpty(): boolean {
    return this.#endpoints.size === 0 && this.networks.length === 0;
  }

  add(endpoint: Endpoint, version: number): void {
    this.#endpoints.add(endpoint);
    this.#sets.clear();
    this.version = version;
  }

  remove(endpoint: Endpoint, version: number): void {
    this.#endpoints.delete(endpoint);
    this.#sets.clear();
    this.version = version;
  }

  /** Endpoints and networks. */
  addresses(family: Family): AddressSet {
    return this.#set(`all ${family}`, family, [...this.#addresses(), ...this.networks]);
  }

  /** Endpoints alone: networks neither ask for link-layer addresses nor answer. */
  endpoints(family: Family): AddressSet {
    return this.#set(`endpoints ${family}`, family, this.#addresses());
  }

  *#addresses(): Iterable<Address> {
    for (const endpoint of this.#endpoints) yield* endpoint.addresses;
  }

  #set(key: string, family: Family, members: Iterable<Address | Prefix>): AddressSet {
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const set = addressSetOf(family, members);
    this.#sets.set(key, set);
    return set;
  }
}

/** An endpoint of the node being compiled, with what the inventory check made sure it has. */
export interface LocalEndpoint {
  readonly endpoint: Endpoint;
  readonly party: Party;
  readonly representor: string;
  readonly mac: bigint;
  readonly addresses: readonly Address[];
}

export function addressesOf({ addresses }: LocalEndpoint, family: Family): Address[] {
  return addresses.filter((address) => address.family === family);
}

export class Fleet {
  readonly rail: string;
  readonly node: string;
  readonly #members = new Map<string, Membership>();
  readonly #byTenant = new Map<string, Membership[]>();
  readonly #locals = new Map<Endpoint, LocalEndpoint>();
  readonly #claims: NamespaceClaims;
  readonly #seesOtherRails: boolean;
  #changes = 0;
  #sortedLocals: readonly LocalEndpoint[] | undefined;

  constructor(policy: CheckedPolicy, inventory: Inventory, node: string, rail: string) {
    this.rail = rail;
    this.node = node;
    this.#claims = new NamespaceClaims(policy, rail);
    this.#seesOtherRails = policy.rules.some(
      (rule) => rule.acrossRails && rule.effect === "allow" && rule.rails.includes(rail),
    );
    for (const tenant of policy.tenants.values())
      if (tenant.networks.length > 0) this.#member(partyOf(tenant.name, []), tenant.networks);
    for (const endpoint of inventory.endpoints) this.add(endpoint);
  }

  add(endpoint: Endpoint): void {
    if (endpoint.rail !== this.rail && !this.#seesOtherRails) return;
    const party = this.partyOf(endpoint);
    this.#member(party).add(endpoint, ++this.#changes);
    if (endpoint.node !== this.node || endpoint.rail !== this.rail) return;
    const { representor, mac, addresses } = endpoint;
    if (representor === undefined || mac === undefined) return;
    this.#sortedLocals = undefined;
    this.#locals.set(endpoint, {
      endpoint,
      party,
      representor,
      mac,
      addresses: [...addresses].sort(compareAddresses),
    });
  }

  remove(endpoint: Endpoint): void {
    if (this.#locals.delete(endpoint)) this.#sortedLocals = undefined;
    const party = this.partyOf(endpoint);
    const member = this.#members.get(party.label);
    if (member === undefined) return;
    member.remove(endpoint, ++this.#changes);
    if (member.isEmpty) this.#forget(party);
  }

  partyOf(endpoint: Endpoint): Party {
    const claim = this.#claims.of(endpoint.namespace);
    return partyOf(
      claim.tenant,
      claim.patterns,
      endpoint.rail === this.rail ? undefined : endpoint.rail,
    );
  }

  /** Every party that has members, in no promised order. */
  members(): Iterable<Membership> {
    return this.#members.values();
  }

  membersOfTenant(tenant: string): readonly Membership[] {
    return this.#byTenant.get(tenant) ?? [];
  }

  memberOf(label: string): Membership | undefined {
    return this.#members.get(label);
  }

  /** The node's own endpoints, by representor: the same list until one of them comes or goes. */
  locals(): readonly LocalEndpoint[] {
    this.#sortedLocals ??= [...this.#locals.values()].sort((a, b) =>
      a.representor < b.representor ? -1 : 1,
    );
    return this.#sortedLocals;
  }

  /** A party that nobody is left of must leave no trace: compiled from scratch, it would not be there. */
  #forget({ label, tenant }: Party): void {
    this.#members.delete(label);
    if (tenant === undefined) return;
    const siblings = this.membersOfTenant(tenant).filter(({ party }) => party.label !== label);
    this.#byTenant.set(tenant, siblings);
  }

  #member(party: Party, networks: readonly Prefix[] = []): Membership {
    const known = this.#members.get(party.label);
    if (known !== undefined) return known;
    const member = new Membership(party, networks);
    this.#members.set(party.label, member);
    if (party.tenant !== undefined) {
      const siblings = this.#byTenant.get(party.tenant);
      if (siblings === undefined) this.#byTenant.set(party.tenant, [member]);
      else siblings.push(member);
    }
    return member;
  }
}

interface Claim {
  readonly tenant: string | undefined;
  readonly patterns: readonly string[];
}

/** Which tenant claims a namespace, and which namespace patterns of the rules it matches. */
class NamespaceClaims {
  readonly #literal = new Map<string, string>();
  readonly #globs: { readonly tenant: string; readonly pattern: string }[] = [];
  readonly #patterns = new Map<string, Set<string>>();
  readonly #known = new Map<string, Claim>();

  constructor(policy: CheckedPolicy, rail: string) {
    for (const tenant of policy.tenants.values())
      for (const namespace of tenant.namespaces)
        if (namespace.includes("*")) this.#globs.push({ tenant: tenant.name, pattern: namespace });
        else this.#literal.set(namespace, tenant.name);
    for (const rule of policy.rules)
      if (rule.rails.includes(rail))
        for (const { opener, answerer } of rule.clauses)
          for (const selector of [opener, answerer])
            if (selector.kind === "namespace") {
              const patterns = this.#patterns.get(selector.tenant) ?? new Set();
              this.#patterns.set(selector.tenant, patterns.add(selector.namespace));
            }
  }

  of(namespace: string): Claim {
    const known = this.#known.get(namespace);
    if (known !== undefined) return known;
    const tenant =
      this.#literal.get(namespace) ??
      this.#globs.find(({ pattern }) => isGlobMatch(pattern, namespace))?.tenant;
    const patterns =
      tenant === undefined
        ? []
        : [...(this.#patterns.get(tenant) ?? [])]
            .filter((pattern) => isGlobMatch(pattern, namespace))
            .sort();
    const claim = { tenant, patterns };
    this.#known.set(namespace, claim);
    return claim;
  }
}

/** `*` stands for any run of characters, also none. Greedy with one step back, so linear in practice. */
function isGlobMatch(pattern: string, text: string): boolean {
  const pieces = pattern.split("*");
  const head = pieces[0] as string;
  if (pieces.length === 1) return head === text;
  const tail = pieces.at(-1) as string;
  if (!text.startsWith(head) || text.length < head.length + tail.length || !text.endsWith(tail))
    return false;
  let at = head.length;
  const end = text.length - tail.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
