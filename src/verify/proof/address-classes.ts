/**
 * Addresses by what a policy's sentences can say of them: who has them, and on which rail they stand. An address that
 * is no endpoint's is a network's, and else nobody's (policy/identity.ts is the reference).
 */

import { type Family, widthOf } from "../../net/address.js";
import { lastOf, maskOf, type Prefix } from "../../net/prefix.js";
import type { FieldName } from "../../openflow/field.js";
import type { CheckedPolicy } from "../../policy/checked-policy.js";
import { tenantOfNamespace } from "../../policy/identity.js";
import type { Endpoint, Inventory, Rail } from "../../policy/inventory.js";
import { isTerminal, type Node, nothing, terminalOf } from "./diagram.js";
import type { HeaderSets } from "./header-sets.js";
import { type Operation, undecided } from "./operation.js";

export interface AddressClass {
  readonly id: number;
  readonly tenant?: string;
  /** Of an endpoint; networks and strangers have none. */
  readonly namespace?: string;
  /** The rail it stands on: networks, and what lies in no rail's subnets, stand on none. */
  readonly stands?: string;
}

interface Region {
  readonly prefix: Prefix;
  readonly class: AddressClass;
}

const fields = {
  source: { 4: "nw_src", 6: "ipv6_src" },
  destination: { 4: "nw_dst", 6: "ipv6_dst" },
} as const satisfies Record<string, Record<Family, FieldName>>;

export function addressField(side: "source" | "destination", family: Family): FieldName {
  return fields[side][family];
}

/** Addresses of one class, and of one endpoint where that is on this node. */
interface AddressGroup {
  readonly class: AddressClass;
  readonly owner?: Endpoint;
}

interface AddressGroups {
  readonly groups: readonly AddressGroup[];
  /** Places in `groups`. */
  readonly byAddress: Node;
}

export interface AskedPlace {
  readonly rail: Rail;
  /** Endpoints of the node. */
  readonly isHere: (endpoint: Endpoint) => boolean;
}

export class AddressClasses {
  readonly stranger: AddressClass;
  readonly #sets: HeaderSets;
  readonly #rail: Rail;
  readonly #inventory: Inventory;
  readonly #known = new Map<string, AddressClass>();
  readonly #ofEndpoint = new Map<Endpoint, AddressClass>();
  /** From what all other regions lie in to what lies in no other. */
  readonly #regions: readonly Region[];
  readonly #above: Operation;
  readonly #isHere: (endpoint: Endpoint) => boolean;
  readonly #groups = new Map<string, AddressGroups>();

  constructor(sets: HeaderSets, policy: CheckedPolicy, inventory: Inventory, asked: AskedPlace) {
    const { rail } = asked;
    this.#sets = sets;
    this.#rail = rail;
    this.#isHere = asked.isHere;
    this.#inventory = inventory;
    this.#above = sets.operations.operation((one, other) => {
      if (one === nothing || one === other) return other;
      return isTerminal(one) || other === nothing ? one : undecided;
    });
    this.stranger = this.#intern({});
    const tenants = new Map<string, string | undefined>();
    for (const endpoint of inventory.endpoints) {
      const { namespace, rail: stands } = endpoint;
      if (!tenants.has(namespace))
        tenants.set(namespace, tenantOfNamespace(policy, namespace)?.name);
      const tenant = tenants.get(namespace);
      this.#ofEndpoint.set(
        endpoint,
        this.#intern({ namespace, stands, ...(tenant !== undefined && { tenant }) }),
      );
    }
    this.#regions = this.#regionsOf(policy);
  }

  ofEndpoint(endpoint: Endpoint): AddressClass {
    return this.#ofEndpoint.get(endpoint) as AddressClass;
  }

  /** Addresses that never pass (RFC 919, RFC 3021, RFC 4291): see the reference in policy/ip-packet.ts. */
  never(field: FieldName, family: Family): Node {
    const { operations } = this.#sets;
    if (family === 6) return this.#sets.masked(field, 0xffn << 120n, 0xffn << 120n);
    const broadcasts = this.#rail.subnets
      .filter((subnet) => subnet.family === 4 && subnet.length <= 30)
      .map(lastOf);
    return operations.or(
      this.#sets.masked(field, 0xe0000000n, 0xf0000000n),
      this.#sets.oneOf(field, [0xffffffffn, ...broadcasts]),
    );
  }

  /**
   * For each address what its class says, and its owner where that is an endpoint of this node: `resultOf` must not look
   * at bits before the field's, and must treat all owners elsewhere alike.
   */
  map(
    field: FieldName,
    family: Family,
    resultOf: (one: AddressClass, owner?: Endpoint) => Node,
  ): Node {
    const { groups, byAddress } = this.#groupsOf(field, family);
    return this.#sets.operations.compose(byAddress, (at) => {
      const { class: one, owner } = groups[at] as AddressGroup;
      return resultOf(one, owner);
    });
  }

  /** Addresses are many and asked about often: which are treated alike is found out once for each field. */
  #groupsOf(field: FieldName, family: Family): AddressGroups {
    const key = `${field} ${family}`;
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const { operations } = this.#sets;
    const groups: AddressGroup[] = [{ class: this.stranger }];
    let byPrefix: Node = terminalOf(0);
    for (const { prefix, class: one } of this.#regions)
      if (prefix.family === family) {
        const inside = this.#sets.masked(field, prefix.value, maskOf(prefix));
        byPrefix = operations.choose(inside, terminalOf(groups.push({ class: one }) - 1), byPrefix);
      }
    const elsewhere = new Map<AddressClass, number>();
    const numberOf = (owner: Endpoint): number => {
      const one = this.ofEndpoint(owner);
      if (this.#isHere(owner)) return groups.push({ class: one, owner }) - 1;
      const number = elsewhere.get(one) ?? groups.push({ class: one, owner }) - 1;
      elsewhere.set(one, number);
      return number;
    };
    const rows: { values: bigint[]; result: Node }[] = [];
    for (const endpoint of this.#inventory.endpoints) {
      let number: number | undefined;
      for (const address of endpoint.addresses) {
        if (address.family !== family) continue;
        number ??= numberOf(endpoint);
        rows.push({ values: [address.value], result: terminalOf(number) });
      }
    }
    const full = maskOf({ family, value: 0n, length: widthOf(family) });
    // zero is a stranger, whom no endpoint is
    const owned = this.#sets.table([[field, full]], rows, nothing);
    const made = { groups, byAddress: operations.combine(this.#above, owned, byPrefix) };
    this.#groups.set(key, made);
    return made;
  }

  /** Classes that some address of the family has which may pass at all. */
  present(family: Family): readonly AddressClass[] {
    const field = addressField("source", family);
    const ids = this.map(field, family, ({ id }) => terminalOf(id + 1));
    const passing = this.#sets.operations.choose(this.never(field, family), nothing, ids);
    const { values } = this.#sets.operations.valuesOf(passing);
    const present = new Set(values);
    return [...this.#known.values()].filter(({ id }) => present.has(id + 1));
  }

  #regionsOf(policy: CheckedPolicy): Region[] {
    const asking = this.#rail.name;
    // the asking rail before any other, and those in their order
    const rails = [...this.#inventory.rails.values()].filter(({ name }) => name !== asking);
    const regions: Region[] = [];
    for (const { name, subnets } of [...rails.reverse(), this.#rail])
      for (const prefix of subnets) regions.push({ prefix, class: this.#intern({ stands: name }) });
    for (const { name, networks } of policy.tenants.values())
      for (const prefix of networks)
        regions.push({ prefix, class: this.#intern({ tenant: name }) });
    return regions;
  }

  #intern(said: Omit<AddressClass, "id">): AddressClass {
    const key = JSON.stringify([said.tenant, said.namespace, said.stands]);
    let known = this.#known.get(key);
    if (known === undefined) {
      known = { id: this.#known.size, ...said };
      this.#known.set(key, known);
    }
    return known;
  }
}
