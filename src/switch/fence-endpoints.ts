/** The endpoints that a fence knows, found by what must not occur twice. */

import { printAddress } from "../net/address.js";
import { checkInventory } from "../policy/check-inventory.js";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import { needsOwnMac } from "../policy/endpoint-problems.js";
import type { Endpoint, Inventory, Node } from "../policy/inventory.js";
import { inventoryProblems } from "../policy/inventory-problems.js";
import type { Diagnostic } from "../text/diagnostic.js";

/** A pod has one endpoint on a rail. */
export interface EndpointIdentity {
  readonly namespace: string;
  readonly pod: string;
  readonly rail: string;
}

export class FenceEndpoints {
  private readonly inventory: Inventory;
  private readonly node: string;
  private readonly byIdentity = new Map<string, Endpoint>();
  /** By address, by representor with its bridge, and by MAC where it must be one's own. */
  private readonly byUnique = new Map<string, Endpoint>();

  constructor(inventory: Inventory, node: string) {
    this.inventory = inventory;
    this.node = node;
    for (const endpoint of inventory.endpoints) this.add(endpoint);
  }

  get(identity: EndpointIdentity): Endpoint | undefined {
    return this.byIdentity.get(identityKey(identity));
  }

  add(endpoint: Endpoint): void {
    this.byIdentity.set(identityKey(endpoint), endpoint);
    for (const key of this.uniqueKeys(endpoint)) this.byUnique.set(key, endpoint);
  }

  remove(endpoint: Endpoint): void {
    this.byIdentity.delete(identityKey(endpoint));
    for (const key of this.uniqueKeys(endpoint)) this.byUnique.delete(key);
  }

  /** The fleet as it is now. */
  toInventory(): Inventory {
    return { ...this.inventory, endpoints: [...this.byIdentity.values()] };
  }

  /**
   * What is wrong with an endpoint that is to come in place of `former`. Only those that it clashes with are checked
   * with it, so that it takes as long among a hundred thousand as among ten.
   */
  problemsOf(
    endpoint: Endpoint,
    former: Endpoint | undefined,
    policy: CheckedPolicy,
  ): Diagnostic[] {
    const clashing = new Set<Endpoint>();
    for (const key of this.uniqueKeys(endpoint)) {
      const other = this.byUnique.get(key);
      if (other !== undefined && other !== former) clashing.add(other);
    }
    const endpoints = [...clashing, endpoint];
    const nodes = new Map<string, Node>();
    for (const { node: name } of endpoints) {
      const node = this.inventory.nodes.get(name);
      if (node !== undefined) nodes.set(name, node);
    }
    const few: Inventory = { ...this.inventory, nodes, endpoints };
    const compiledNode = endpoint.node === this.node ? this.node : undefined;
    return [...inventoryProblems(few), ...checkInventory(policy, few, compiledNode)];
  }

  private *uniqueKeys(endpoint: Endpoint): Generator<string> {
    for (const address of endpoint.addresses) yield printAddress(address);
    const { node, rail, mac, representor } = endpoint;
    if (representor !== undefined) yield `${node} ${rail} ${representor}`;
    if (mac !== undefined && needsOwnMac(this.inventory, endpoint)) yield `${rail} ${mac}`;
  }
}

function identityKey({ namespace, pod, rail }: EndpointIdentity): string {
  return `${namespace}/${pod}@${rail}`;
}
