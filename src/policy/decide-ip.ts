/** IP at the bridge, neighbour discovery apart. */

import { isSameAddress } from "../net/address.js";
import type { Mac } from "../net/mac.js";
import type { Frame, IpBody } from "../net/packet.js";
import {
  type Bridge,
  type Decision,
  deliver,
  drop,
  isLocal,
  needed,
  portTowards,
} from "./decision.js";
import { addressesOfEveryKind } from "./every-kind.js";
import { endpointAt } from "./identity.js";
import type { Endpoint } from "./inventory.js";
import { type Passage, passage } from "./ip-packet.js";

export function decideIpFromPod(
  bridge: Bridge,
  endpoint: Endpoint,
  frame: Frame,
  packet: IpBody,
): Decision {
  const { policy, inventory, rail, nodeRail } = bridge;
  const isOwn = (address: IpBody["source"]) =>
    endpoint.addresses.some((own) => isSameAddress(own, address));
  if (!isOwn(packet.source)) return drop("source-address");
  if (rail.mode === "routed" && frame.destination !== nodeRail.mac)
    return drop("ethernet-destination");
  if (isOwn(packet.destination)) return drop("own-address");
  const { passes, rules } = passage(policy, inventory, rail, packet.source, packet);
  if (!passes) return drop("no-rule");
  const answerer = endpointAt(inventory, packet.destination);
  const next = isLocal(bridge, answerer) ? answerer.mac : nodeRail.nextHop;
  return deliver(portTowards(bridge, answerer), forwarded(bridge, frame, next), rules);
}

export function decideIpFromUplink(bridge: Bridge, frame: Frame, packet: IpBody): Decision {
  const answerer = endpointAt(bridge.inventory, packet.destination);
  if (!isLocal(bridge, answerer)) return deliver("host", frame);
  if (bridge.rail.mode === "routed" && frame.destination !== bridge.nodeRail.mac)
    return drop("ethernet-destination");
  const { passes, rules } = passageFromUplink(bridge, packet);
  if (!passes) return drop("no-rule");
  return deliver(portTowards(bridge, answerer), forwarded(bridge, frame, answerer.mac), rules);
}

/** `trust`: the sender's own node has checked the source; here it is enough that someone might have sent this. */
function passageFromUplink(bridge: Bridge, packet: IpBody): Passage {
  const { policy, inventory, rail } = bridge;
  if (bridge.nodeRail.uplinkSource === "verify")
    return passage(policy, inventory, rail, packet.source, packet);
  const anyone = addressesOfEveryKind(policy, inventory, rail, packet.source.family)
    .map((source) => passage(policy, inventory, rail, source, packet))
    .filter(({ passes }) => passes);
  const rules = new Set(anyone.flatMap((one) => one.rules));
  return { passes: anyone.length > 0, rules: [...rules] };
}

/** A routed rail is a hop: the frame leaves from the bridge's address to the next one's. */
function forwarded(bridge: Bridge, frame: Frame, next: Mac | undefined): Frame {
  if (bridge.rail.mode === "bridged") return frame;
  const source = needed(bridge.nodeRail.mac, `MAC of bridge ${bridge.nodeRail.bridge}`);
  return { ...frame, source, destination: needed(next, "MAC of the next hop") };
}
