/** Who stands where: rails, nodes and endpoints as values. Where they came from is a source's business. */

import type { Address } from "../net/address.js";
import type { Mac } from "../net/mac.js";
import type { Prefix } from "../net/prefix.js";

export interface Inventory {
  readonly rails: ReadonlyMap<string, Rail>;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly endpoints: readonly Endpoint[];
}

export interface Rail {
  readonly name: string;
  readonly mode: "routed" | "bridged";
  readonly subnets: readonly Prefix[];
  readonly gateways: readonly Address[];
}

export interface Node {
  readonly name: string;
  /** By rail name. */
  readonly rails: ReadonlyMap<string, NodeRail>;
}

export interface NodeRail {
  readonly bridge: string;
  /** Name of the PF's port on the bridge. */
  readonly uplink: string;
  /** The bridge's own address and the leaf's: always there on a routed rail. */
  readonly mac?: Mac;
  readonly nextHop?: Mac;
  /** Whether source addresses are checked again on arrival. */
  readonly uplinkSource: "verify" | "trust";
}

export interface Endpoint {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  readonly rail: string;
  readonly addresses: readonly Address[];
  /** `mac` and `representor` are needed only where the endpoint's own node is compiled. */
  readonly mac?: Mac;
  readonly representor?: string;
}
