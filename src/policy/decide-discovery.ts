/** Neighbour discovery (RFC 4861) at the bridge. */

import { type Address, isSameAddress } from "../net/address.js";
import type { Mac } from "../net/mac.js";
import type { Frame, IpBody, Neighbour } from "../net/packet.js";
import { neighbourDiscovery } from "../net/protocol.js";
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

const { neighbourSolicitation, neighbourAdvertisement } = neighbourDiscovery;

type Message = { readonly kind: "solicitation" | "advertisement" } & Neighbour;

export function decideDiscoveryFromPod(
  bridge: Bridge,
  endpoint: Endpoint,
  frame: Frame,
  packet: IpBody,
): Decision {
  const message = messageOf(packet);
  if (message === undefined) return drop("neighbour-message");
  if (!isOneOf(endpoint.addresses, packet.source)) return drop("source-address");
  const targets = neighboursOf(bridge.policy, bridge.inventory, bridge.rail, endpoint, 6);
  if (message.kind === "solicitation") {
    if (!isAbsentOr(endpoint.mac, message.sourceLinkLayer)) return drop("ethernet-source");
    if (!isOneOf(targets, message.target)) return drop("neighbour-target");
    if (bridge.rail.mode === "routed") return answered(bridge, frame, packet, message);
    return deliver(portTowards(bridge, endpointAt(bridge.inventory, message.target)), frame);
  }
  if (bridge.rail.mode === "routed") return drop("neighbour-message");
  if (!isOneOf(endpoint.addresses, message.target)) return drop("source-address");
  if (!isAbsentOr(endpoint.mac, message.targetLinkLayer)) return drop("ethernet-source");
  if (!isOneOf(targets, packet.destination)) return drop("neighbour-target");
  return deliver(portTowards(bridge, endpointAt(bridge.inventory, packet.destination)), frame);
}

/**
 * The target asks back, with the bridge's MAC as its own: whoever hears that remembers it (RFC 4861, section 7.2.3),
 * and no switch has to make an advertisement of it.
 */
function answered(bridge: Bridge, frame: Frame, packet: IpBody, asked: Message): Decision {
  const mac = needed(bridge.nodeRail.mac, `MAC of bridge ${bridge.nodeRail.bridge}`);
  if (!isWellAddressed(bridge, frame, packet, asked.target)) return drop("ethernet-destination");
  if (asked.targetLinkLayer !== undefined) return drop("neighbour-message");
  return {
    kind: "answer",
    frame: {
      source: mac,
      destination: frame.source,
      body: {
        ...packet,
        source: asked.target,
        destination: packet.source,
        transport: {
          kind: "icmp",
          type: neighbourSolicitation,
          code: 0,
          neighbour: {
            target: packet.source,
            // the switch rewrites the option it was sent and cannot add one
            ...(asked.sourceLinkLayer === undefined ? {} : { sourceLinkLayer: mac }),
          },
        },
      },
    },
  };
}

/** To the group of whom it asks for, as all do who do not know the answer; a gateway may also be asked itself. */
function isWellAddressed(
  { rail, nodeRail }: Bridge,
  frame: Frame,
  packet: IpBody,
  target: Address,
): boolean {
  if (packet.destination.value === solicitedNode(target))
    return frame.destination === solicitedNodeMac(target);
  return (
    frame.destination === nodeRail.mac &&
    isSameAddress(packet.destination, target) &&
    isOneOf(rail.gateways, target)
  );
}

/** A solicitation to a group is for whom it asks for; everything else is for the owner of its destination. */
export function decideDiscoveryFromUplink(bridge: Bridge, frame: Frame, packet: IpBody): Decision {
  const { inventory, rail } = bridge;
  const addressee = endpointAt(inventory, packet.destination);
  if (rail.mode === "routed")
    return isLocal(bridge, addressee) ? drop("neighbour-message") : deliver("host", frame);
  const message = messageOf(packet);
  if (isLocal(bridge, addressee))
    return message === undefined
      ? drop("neighbour-message")
      : introduced(bridge, packet.source, addressee, frame);
  if (message?.kind !== "solicitation" || !isGroupOfSomebodyHere(bridge, packet.destination))
    return deliver("host", frame);
  const target = endpointAt(inventory, message.target);
  if (!isLocal(bridge, target)) return deliver("host", frame);
  return introduced(bridge, packet.source, target, frame);
}

function introduced(bridge: Bridge, sender: Address, target: Endpoint, frame: Frame): Decision {
  return isWelcome(bridge, sender, target)
    ? deliver(portTowards(bridge, target), frame)
    : drop("neighbour-target");
}

function isGroupOfSomebodyHere(bridge: Bridge, group: Address): boolean {
  return bridge.inventory.endpoints.some(
    (endpoint) =>
      isLocal(bridge, endpoint) &&
      endpoint.addresses.some(
        ({ family, value }) => family === 6 && group.value === solicitedNode({ family, value }),
      ),
  );
}

/** Router messages, redirects and any code but 0 are no business of pods. */
function messageOf(packet: IpBody): Message | undefined {
  const { transport } = packet;
  if (transport?.kind !== "icmp" || transport.code !== 0) return undefined;
  const neighbour = transport.neighbour ?? { target: { family: 6, value: 0n } };
  if (transport.type === neighbourSolicitation) return { kind: "solicitation", ...neighbour };
  if (transport.type === neighbourAdvertisement) return { kind: "advertisement", ...neighbour };
  return undefined;
}

/** RFC 4291, section 2.7.1. */
function solicitedNode({ value }: Address): bigint {
  return (0xff02n << 112n) + (0x1ffn << 24n) + (value & 0xffffffn);
}

/** 33:33:ff and the low 24 bits (RFC 4291 section 2.7.1 over RFC 2464 section 7). */
function solicitedNodeMac(address: Address): Mac {
  return 0x3333ff000000n | (address.value & 0xffffffn);
}

function isOneOf(addresses: readonly Address[], address: Address): boolean {
  return addresses.some((one) => isSameAddress(one, address));
}

function isAbsentOr(mac: Mac | undefined, option: Mac | undefined): boolean {
  return option === undefined || option === mac;
}
