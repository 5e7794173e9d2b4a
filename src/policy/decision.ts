/** What becomes of one frame at the bridge of one rail on one node. */

import type { Frame } from "../net/packet.js";
import type { CheckedPolicy, Rule } from "./checked-policy.js";
import type { Endpoint, Inventory, NodeRail, Rail } from "./inventory.js";

/** `host` is the bridge's own port (OpenFlow LOCAL). */
export type Port = "host" | "uplink" | { readonly representor: string };

export type Decision =
  | { readonly kind: "drop"; readonly reason: DropReason }
  | {
      readonly kind: "deliver";
      readonly to: Port;
      /** As it leaves: a routed rail rewrites the Ethernet addresses. */
      readonly frame: Frame;
      /** The allow rules that let it pass; none for the host's own traffic and for ARP and ND. */
      readonly rules: readonly Rule[];
    }
  /** Answered by the bridge, out of the port it came in by. */
  | { readonly kind: "answer"; readonly frame: Frame };

export type DropReason =
  | "unknown-port"
  | "tagged"
  | "ether-type"
  | "ethernet-source"
  | "ethernet-destination"
  | "source-address"
  | "own-address"
  | "no-rule"
  | "neighbour-message"
  | "neighbour-target";

/** The bridge that decides. */
export interface Bridge {
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly node: string;
  readonly rail: Rail;
  readonly nodeRail: NodeRail;
}

export function drop(reason: DropReason): Decision {
  return { kind: "drop", reason };
}

export function deliver(to: Port, frame: Frame, rules: readonly Rule[] = []): Decision {
  return { kind: "deliver", to, frame, rules };
}

export function isLocal(bridge: Bridge, endpoint: Endpoint | undefined): endpoint is Endpoint {
  return endpoint?.node === bridge.node && endpoint.rail === bridge.rail.name;
}

/** Where a frame for that endpoint leaves: its representor if it is here, else the uplink. */
export function portTowards(bridge: Bridge, endpoint: Endpoint | undefined): Port {
  if (!isLocal(bridge, endpoint)) return "uplink";
  return { representor: needed(endpoint.representor, `representor of ${endpoint.pod}`) };
}

/** `checkInventory` has made sure that the compiled node lacks nothing. */
export function needed<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the inventory was not checked: no ${what}`);
  return value;
}
