/**
 * The reference meaning of a policy: what a bridge should do with one frame. Written to be read and believed,
 * rule by rule and endpoint by endpoint; the compiler and the verifier are tested against it.
 */

import type { Frame } from "../net/packet.js";
import type { CheckedPolicy } from "./checked-policy.js";
import { decideArpFromPod, decideArpFromUplink } from "./decide-arp.js";
import { decideDiscoveryFromPod, decideDiscoveryFromUplink } from "./decide-discovery.js";
import { decideIpFromPod, decideIpFromUplink } from "./decide-ip.js";
import { type Bridge, type Decision, deliver, drop, type Port } from "./decision.js";
import type { Endpoint, Inventory } from "./inventory.js";
import { isNeighbourPacket } from "./ip-packet.js";

export interface Arrival {
  readonly node: string;
  readonly rail: string;
  /** Where the frame comes in. */
  readonly port: Port;
  readonly frame: Frame;
}

/** Throws a plain Error where the node, the rail or the node's part of it is not in the inventory. */
export function decide(policy: CheckedPolicy, inventory: Inventory, arrival: Arrival): Decision {
  const bridge = bridgeOf(policy, inventory, arrival);
  const { port, frame } = arrival;
  if (port === "host") return deliver("uplink", frame);
  if (port === "uplink") return fromUplink(bridge, frame);
  const endpoint = inventory.endpoints.find(
    (one) =>
      one.node === arrival.node &&
      one.rail === arrival.rail &&
      one.representor === port.representor,
  );
  return endpoint === undefined ? drop("unknown-port") : fromPod(bridge, endpoint, frame);
}

function fromPod(bridge: Bridge, endpoint: Endpoint, frame: Frame): Decision {
  if (frame.vlan !== undefined) return drop("tagged");
  const { body } = frame;
  if (body.kind === "other") return drop("ether-type");
  if (frame.source !== endpoint.mac) return drop("ethernet-source");
  if (body.kind === "arp") return decideArpFromPod(bridge, endpoint, frame, body);
  if (isNeighbourPacket(body)) return decideDiscoveryFromPod(bridge, endpoint, frame, body);
  return decideIpFromPod(bridge, endpoint, frame, body);
}

function fromUplink(bridge: Bridge, frame: Frame): Decision {
  const { body } = frame;
  if (frame.vlan !== undefined || body.kind === "other") return deliver("host", frame);
  if (body.kind === "arp") return decideArpFromUplink(bridge, frame, body);
  if (isNeighbourPacket(body)) return decideDiscoveryFromUplink(bridge, frame, body);
  return decideIpFromUplink(bridge, frame, body);
}

function bridgeOf(policy: CheckedPolicy, inventory: Inventory, arrival: Arrival): Bridge {
  const rail = inventory.rails.get(arrival.rail);
  const nodeRail = inventory.nodes.get(arrival.node)?.rails.get(arrival.rail);
  if (rail === undefined || nodeRail === undefined)
    throw new Error(`node ${arrival.node} has no rail ${arrival.rail} in the inventory`);
  return { policy, inventory, node: arrival.node, rail, nodeRail };
}
