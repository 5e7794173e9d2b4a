/** One rail of one node as the parts of the compiler see it: who is here, who may meet whom, and under which name. */

import type { Address, Family } from "../net/address.js";
import {
  type AddressSet,
  addressSetOf,
  everyAddress,
  noAddress,
  subtractAddresses,
  uniteAddresses,
} from "../net/address-set.js";
import { lastOf, type Prefix, parsePrefix } from "../net/prefix.js";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import type { Inventory, NodeRail, Rail } from "../policy/inventory.js";
import { BearingIndex, type Bearings } from "./bearing-index.js";
import type { Fleet, LocalEndpoint, Membership } from "./fleet.js";
import { type Bearing, type Grant, grantOf } from "./grant.js";
import { ClauseIndex, type Party, partyOf } from "./party.js";
import type { Pipeline } from "./rail-tables.js";
import { type ServiceClass, servicesOf } from "./service-class.js";

/** Destinations between which the source's rights do not differ. */
export interface Group {
  /** The bearings as text: equal rights have equal keys. */
  readonly key: string;
  readonly bearings: readonly Bearing[];
  readonly members: readonly Membership[];
  /** Whether it holds every address that is nobody's, or somebody's whom no rule of the source names. */
  readonly rest: boolean;
  /** Other rails whose strangers it holds. */
  readonly elsewhere: readonly string[];
}

/** The stranger: what only `any` covers. */
export const stranger: Party = partyOf(undefined, []);

/** A gateway asks for link-layer addresses like an endpoint; its other traffic is a stranger's. */
export const gateway: Party = { label: "gateway", patterns: [] };

/** All of the fabric, where its source addresses are trusted. */
export const fabric: Party = { label: "fabric", patterns: [] };

export class RailView {
  readonly rail: Rail;
  readonly ports: NodeRail;
  readonly fleet: Fleet;
  readonly pipeline: Pipeline;
  readonly clauses: ClauseIndex;
  readonly #inventory: Inventory;
  readonly #grants = new Map<string, Grant>();
  readonly #bearings: BearingIndex;
  /** By family and the keys of what the source's packets are granted by. */
  readonly #services = new Map<string, readonly ServiceClass[]>();
  readonly #locals = new Map<
    Family,
    { readonly of: readonly LocalEndpoint[]; readonly locals: readonly LocalEndpoint[] }
  >();
  readonly #never: Readonly<Record<Family, AddressSet>>;

  constructor(
    policy: CheckedPolicy,
    inventory: Inventory,
    rail: Rail,
    ports: NodeRail,
    fleet: Fleet,
    pipeline: Pipeline,
  ) {
    this.#inventory = inventory;
    this.rail = rail;
    this.ports = ports;
    this.fleet = fleet;
    this.pipeline = pipeline;
    this.clauses = new ClauseIndex(policy.rules, rail.name);
    this.#bearings = new BearingIndex(this.clauses);
    this.#never = { 4: neverOf(4, rail), 6: neverOf(6, rail) };
  }

  get isRouted(): boolean {
    return this.rail.mode === "routed";
  }

  /** Whether it has subnets of both IP families. */
  get speaksBoth(): boolean {
    return new Set(this.rail.subnets.map(({ family }) => family)).size === 2;
  }

  get isTrusting(): boolean {
    return this.ports.uplinkSource === "trust";
  }

  /** The bridge's own address; the inventory check made sure that a routed rail has it. */
  get mac(): bigint {
    return required(this.ports.mac, "mac");
  }

  get nextHop(): bigint {
    return required(this.ports.nextHop, "nextHop");
  }

  gateways(family: Family): readonly Address[] {
    return this.rail.gateways.filter((address) => address.family === family);
  }

  locals(family: Family): readonly LocalEndpoint[] {
    const all = this.fleet.locals();
    const known = this.#locals.get(family);
    if (known?.of === all) return known.locals;
    const locals = all.filter((local) =>
      local.addresses.some((address) => address.family === family),
    );
    this.#locals.set(family, { of: all, locals });
    return locals;
  }

  /** Broadcast and multicast never pass, as source or destination. */
  never(family: Family): AddressSet {
    return this.#never[family];
  }

  subnetsOf(rails: readonly string[], family: Family): AddressSet {
    return addressSetOf(
      family,
      rails.flatMap((name) => this.#inventory.rails.get(name)?.subnets ?? []),
    );
  }

  otherRails(): string[] {
    return [...this.#inventory.rails.keys()].filter((name) => name !== this.rail.name).sort();
  }

  /** The rules that bear on what `source` sends to `destination`. */
  bearings(source: Party, destination: Party): Bearings {
    return this.#bearings.of(source, destination);
  }

  grant(key: string, bearings: readonly Bearing[], family: Family): Grant {
    const name = `${family} ${key}`;
    const known = this.#grants.get(name);
    if (known !== undefined) return known;
    const grant = grantOf(bearings, family);
    this.#grants.set(name, grant);
    return grant;
  }

  isMeeting(source: Party, destination: Party, family: Family): boolean {
    return this.#bearings.isMeeting(source, destination, family);
  }

  /** Every destination of the source, in groups; those whom its rules do not name are in the group with `rest`. */
  groupsOf(source: Party): Group[] {
    const groups = new Map<string, { -readonly [K in keyof Group]: Group[K] }>();
    const groupOf = (party: Party) => {
      const { key, bearings } = this.bearings(source, party);
      const group = groups.get(key) ?? { key, bearings, members: [], rest: false, elsewhere: [] };
      groups.set(key, group);
      return group;
    };
    groupOf(stranger).rest = true;
    for (const rail of this.otherRails()) {
      const group = groupOf(partyOf(undefined, [], rail));
      group.elsewhere = [...group.elsewhere, rail];
    }
    for (const member of this.namedBy(source)) {
      const group = groupOf(member.party);
      group.members = [...group.members, member];
    }
    return [...groups.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** The parties of the tenants that the source's rules name at their other end. */
  namedBy(source: Party): Membership[] {
    const tenants = new Set<string>();
    for (const { counterpart } of this.clauses.stakesOf(source))
      if (counterpart.kind !== "any") tenants.add(counterpart.tenant);
    return [...tenants].sort().flatMap((tenant) => this.fleet.membersOfTenant(tenant));
  }

  /** What the source may use at all: towards anyone if it is on this node, else towards this node's endpoints. */
  services(source: Party, family: Family): readonly ServiceClass[] {
    const locals = this.fleet.locals();
    const isLocal = locals.some((local) => local.party.label === source.label);
    const found: readonly Bearings[] = isLocal
      ? this.groupsOf(source)
      : locals.map((local) => this.bearings(source, local.party));
    const byKey = new Map(found.map((one) => [one.key, one.bearings]));
    const keys = [...byKey.keys()].sort();
    // keys hold no line ends
    const name = [family, ...keys].join("\n");
    const known = this.#services.get(name);
    if (known !== undefined) return known;
    const grants = keys.map((key): [string, Grant] => [
      key,
      this.grant(key, byKey.get(key) ?? [], family),
    ]);
    const services = servicesOf(new Map(grants));
    this.#services.set(name, services);
    return services;
  }

  /** Addresses of strangers: nobody's on this rail or on none, and not of those parties. */
  strangers(named: readonly Membership[], family: Family): AddressSet {
    return subtractAddresses(
      everyAddress(family),
      uniteAddresses(
        this.never(family),
        this.subnetsOf(this.otherRails(), family),
        ...named.map((member) => member.addresses(family)),
      ),
    );
  }

  /** Addresses in the subnets of another rail, and not of those parties. */
  strangersOn(rail: string, named: readonly Membership[], family: Family): AddressSet {
    return subtractAddresses(
      this.subnetsOf([rail], family),
      uniteAddresses(
        this.never(family),
        noAddress(family),
        ...named.map((member) => member.addresses(family)),
      ),
    );
  }
}

/** Families that some endpoint of the node speaks. */
export function families(view: RailView): Family[] {
  return ([4, 6] as const).filter((family) => view.locals(family).length > 0);
}

function neverOf(family: Family, rail: Rail): AddressSet {
  const fixed = family === 4 ? ["224.0.0.0/4", "255.255.255.255"] : ["ff00::/8"];
  const prefixes = fixed.map((text) => {
    const parsed = parsePrefix(text);
    if (parsed.kind !== "prefix") throw new Error(`not a prefix: ${text}`);
    return parsed.prefix;
  });
  const broadcasts = rail.subnets
    .filter((subnet) => subnet.family === 4 && subnet.length <= 30)
    .map((subnet): Prefix => ({ family: 4, value: lastOf(subnet), length: 32 }));
  return addressSetOf(family, [...prefixes, ...broadcasts]);
}

function required(mac: bigint | undefined, name: string): bigint {
  if (mac === undefined)
    throw new Error(`a routed rail without ${name} passed the inventory check`);
  return mac;
}
