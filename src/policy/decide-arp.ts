/** ARP (RFC 826) at the bridge. */

import { isSameAddress } from "../net/address.js";
import { broadcastMac } from "../net/mac.js";
import type { ArpBody, Frame } from "../net/packet.js";
import {
  type Bridge,
  type Decision,
  deliver,
  drop,
  isLocal,
  needed,
  portTowards,
} from "./decision.js";
import { endpointAt } from "./identity.js";
import type { Endpoint } from "./inventory.js";
import { isWelcome, neighboursOf } from "./neighbours.js";

const request = 1;
const reply = 2;

export function decideArpFromPod(
  bridge: Bridge,
  endpoint: Endpoint,
  frame: Frame,
  arp: ArpBody,
): Decision {
  if (!endpoint.addresses.some((own) => isSameAddress(own, arp.senderAddress)))
    return drop("source-address");
  if (arp.senderMac !== endpoint.mac) return drop("ethernet-source");
  const targets = neighboursOf(bridge.policy, bridge.inventory, bridge.rail, endpoint, 4);
  if (!targets.some((target) => isSameAddress(target, arp.targetAddress)))
    return drop("neighbour-target");
  if (bridge.rail.mode === "routed") return answered(bridge, frame, arp);
  return deliver(portTowards(bridge, endpointAt(bridge.inventory, arp.targetAddress)), frame);
}

/** A routed rail is itself the neighbour of every pod: it answers for all whom the pod may find. */
function answered(bridge: Bridge, frame: Frame, arp: ArpBody): Decision {
  const mac = needed(bridge.nodeRail.mac, `MAC of bridge ${bridge.nodeRail.bridge}`);
  if (arp.operation !== request) return drop("neighbour-message");
  if (frame.destination !== broadcastMac && frame.destination !== mac)
    return drop("ethernet-destination");
  if (arp.targetMac !== 0n && arp.targetMac !== broadcastMac) return drop("neighbour-message");
  return {
    kind: "answer",
    frame: {
      source: mac,
      destination: frame.source,
      body: {
        kind: "arp",
        operation: reply,
        senderMac: mac,
        senderAddress: arp.targetAddress,
        targetMac: arp.senderMac,
        targetAddress: arp.senderAddress,
      },
    },
  };
}

export function decideArpFromUplink(bridge: Bridge, frame: Frame, arp: ArpBody): Decision {
  if (bridge.rail.mode === "routed") return deliver("host", frame);
  const target = endpointAt(bridge.inventory, arp.targetAddress);
  if (!isLocal(bridge, target)) return deliver("host", frame);
  return isWelcome(bridge, arp.senderAddress, target)
    ? deliver(portTowards(bridge, target), frame)
    : drop("neighbour-target");
}
