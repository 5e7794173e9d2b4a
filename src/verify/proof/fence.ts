/** One rail of one node as the policy's side of a proof sees it: who is here, by which port, and who may meet whom. */

import type { Family } from "../../net/address.js";
import type { Mac } from "../../net/mac.js";
import { localPort, type Port } from "../../openflow/match.js";
import type { PortNumbers } from "../../openflow/print.js";
import { resolvePort } from "../../openflow/tables.js";
import type { CheckedPolicy } from "../../policy/checked-policy.js";
import { needed } from "../../policy/decision.js";
import { endpointAt } from "../../policy/identity.js";
import type { Endpoint, Inventory, NodeRail, Rail } from "../../policy/inventory.js";
import { type AddressClass, AddressClasses } from "./address-classes.js";
import { ConnectionSets } from "./connection-sets.js";
import type { HeaderSets } from "./header-sets.js";
import { PassingPackets } from "./passing-packets.js";

export interface FenceInput {
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly node: string;
  readonly rail: string;
  /** OpenFlow numbers by name, where the flows name ports by number. */
  readonly portNumbers: PortNumbers;
}

/** A port whose packets the fence decides about. */
export interface FencedPort {
  readonly port: Port;
  readonly name: string;
  readonly from: "host" | "uplink" | Endpoint;
}

/** A port of the bridge that the inventory does not know: what it sends is nobody's, and may reach no endpoint. */
export interface StrangerPort {
  readonly port: Port;
  readonly name: string;
  readonly from: "stranger";
}

export type ProvedPort = FencedPort | StrangerPort;

/** Stands for every port that nothing names, where it is not known which ports there are. */
export const anyStranger = "any port that is not in the inventory";

export class Fence {
  readonly rail: Rail;
  readonly nodeRail: NodeRail;
  readonly node: string;
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly sets: HeaderSets;
  readonly classes: AddressClasses;
  readonly connections: ConnectionSets;
  readonly packets: PassingPackets;
  readonly locals: readonly Endpoint[];
  readonly #portNumbers: PortNumbers;
  #members: ReadonlyMap<AddressClass, readonly Endpoint[]> | undefined;

  constructor(sets: HeaderSets, input: FenceInput) {
    const { policy, inventory, node, rail: name } = input;
    const rail = inventory.rails.get(name);
    const nodeRail = inventory.nodes.get(node)?.rails.get(name);
    if (rail === undefined || nodeRail === undefined)
      throw new Error(`node ${node} has no rail ${name} in the inventory`);
    this.rail = rail;
    this.nodeRail = nodeRail;
    this.node = node;
    this.policy = policy;
    this.inventory = inventory;
    this.sets = sets;
    this.#portNumbers = input.portNumbers;
    this.classes = new AddressClasses(sets, policy, inventory, {
      rail,
      isHere: (endpoint) => this.isLocal(endpoint),
    });
    this.connections = new ConnectionSets(sets, policy, name);
    this.packets = new PassingPackets(sets, this.connections);
    this.locals = inventory.endpoints.filter(
      (endpoint) => endpoint.node === node && endpoint.rail === name,
    );
  }

  get isRouted(): boolean {
    return this.rail.mode === "routed";
  }

  /** The host's, the uplink's, and one for each endpoint, without those that the bridge does not have. */
  ports(): FencedPort[] {
    const all = this.#everyPort();
    return all.filter(({ name, from }) => from === "host" || !this.#isAbsent(name));
  }

  absentPorts(): string[] {
    return this.#everyPort().flatMap(({ name, from }) =>
      from !== "host" && this.#isAbsent(name) ? [name] : [],
    );
  }

  /** `named` are the ports that flows name: where numbers are known, so is every port, and they are not needed. */
  strangers(named: Iterable<Port>): StrangerPort[] {
    const own = new Set<Port>(this.#everyPort().map(({ port }) => port));
    const found = new Map<Port, string>();
    if (this.#portNumbers.size > 0)
      for (const [name, number] of this.#portNumbers) found.set(number, name);
    else {
      for (const port of named) found.set(port, String(port));
      found.set(anyStranger, anyStranger);
    }
    return [...found].flatMap(([port, name]) =>
      own.has(port) || name === this.nodeRail.bridge ? [] : [{ port, name, from: "stranger" }],
    );
  }

  /** Where an endpoint of this node is. */
  endpointPorts(): ReadonlySet<Port> {
    return new Set(this.locals.map((endpoint) => this.portOf(endpoint)));
  }

  /** Without any number, ports are known by name only: that says nothing of what is there. */
  #isAbsent(name: string): boolean {
    return this.#portNumbers.size > 0 && !this.#portNumbers.has(name);
  }

  #everyPort(): FencedPort[] {
    return [
      ...this.locals.map((endpoint) => ({
        port: this.portOf(endpoint),
        name: representorOf(endpoint),
        from: endpoint,
      })),
      { port: this.uplink, name: this.nodeRail.uplink, from: "uplink" },
      { port: localPort, name: this.nodeRail.bridge, from: "host" },
    ];
  }

  get uplink(): Port {
    return resolvePort(this.nodeRail.uplink, this.#portNumbers);
  }

  portOf(endpoint: Endpoint): Port {
    return this.portNamed(representorOf(endpoint));
  }

  portNamed(name: string): Port {
    return resolvePort(name, this.#portNumbers);
  }

  isLocal(endpoint: Endpoint | undefined): endpoint is Endpoint {
    return endpoint?.node === this.node && endpoint.rail === this.rail.name;
  }

  /** Where packets for that endpoint leave, or for nobody that is known. */
  portTowards(endpoint: Endpoint | undefined): Port {
    return this.isLocal(endpoint) ? this.portOf(endpoint) : this.uplink;
  }

  bridgeMac(): Mac {
    return needed(this.nodeRail.mac, `MAC of bridge ${this.nodeRail.bridge}`);
  }

  macTowards(endpoint: Endpoint | undefined): Mac {
    return this.isLocal(endpoint)
      ? needed(endpoint.mac, `MAC of ${endpoint.pod}`)
      : needed(this.nodeRail.nextHop, "MAC of the next hop");
  }

  gateways(family: Family): readonly bigint[] {
    return this.rail.gateways.filter((one) => one.family === family).map(({ value }) => value);
  }

  /** Whom an endpoint may ask for: gateways, and endpoints of the rail that some rule lets it meet. */
  neighboursOf(endpoint: Endpoint, family: Family): { value: bigint; port: Port }[] {
    const own = this.classes.ofEndpoint(endpoint);
    const hasFamily = endpoint.addresses.some((one) => one.family === family);
    const found = this.gateways(family).map((value) => ({
      value,
      port: this.portTowards(endpointAt(this.inventory, { family, value })),
    }));
    if (!hasFamily) return found;
    for (const [other, members] of this.#membersOfRail()) {
      if (!this.connections.meet(own, other, family)) continue;
      for (const member of members)
        for (const address of member.addresses)
          if (member !== endpoint && address.family === family)
            found.push({ value: address.value, port: this.portTowards(member) });
    }
    return found;
  }

  #membersOfRail(): ReadonlyMap<AddressClass, readonly Endpoint[]> {
    if (this.#members !== undefined) return this.#members;
    const members = new Map<AddressClass, Endpoint[]>();
    for (const endpoint of this.inventory.endpoints) {
      if (endpoint.rail !== this.rail.name) continue;
      const one = this.classes.ofEndpoint(endpoint);
      const known = members.get(one);
      if (known === undefined) members.set(one, [endpoint]);
      else known.push(endpoint);
    }
    this.#members = members;
    return members;
  }
}

export function representorOf(endpoint: Endpoint): string {
  return needed(endpoint.representor, `representor of ${endpoint.pod}`);
}

export function valuesOf(endpoint: Endpoint, family: Family): bigint[] {
  return endpoint.addresses.filter((one) => one.family === family).map(({ value }) => value);
}
