/** Which IP packets belong to an allowed connection, as its forward packet or as its answer. */

import type { Address } from "../net/address.js";
import type { IpBody } from "../net/packet.js";
import { tcpAck } from "../net/packet.js";
import { lastOf } from "../net/prefix.js";
import { icmpEcho, icmpv6Echo, isNeighbourDiscovery, protocol } from "../net/protocol.js";
import { isAllTraffic, isNoTraffic } from "../net/traffic.js";
import type { CheckedPolicy, Rule } from "./checked-policy.js";
import { explainConnection, openTraffic, rulesCovering } from "./connection.js";
import type { Inventory, Rail } from "./inventory.js";

export interface Passage {
  readonly passes: boolean;
  /** The allow rules that let it pass. */
  readonly rules: readonly Rule[];
}

const refused: Passage = { passes: false, rules: [] };

/** Whether the packet passes when `source` sends it (which `packet.source` need not be: see `trust`). */
export function passage(
  policy: CheckedPolicy,
  inventory: Inventory,
  rail: Rail,
  source: Address,
  packet: IpBody,
): Passage {
  const { destination } = packet;
  if (isNeverAddress(rail, source) || isNeverAddress(rail, destination)) return refused;
  const there = { rail: rail.name, opener: source, answerer: destination };
  const back = { rail: rail.name, opener: destination, answerer: source };
  if (packet.fragment !== "no") {
    // Open vSwitch shows no fragment's ports to a flow, not even the first one's (ovs-ofctl(8), set-frags normal):
    // only where everything is open is it sure to belong to an open connection
    if (!isAllTraffic(openTraffic(policy, inventory, there))) return refused;
    const open = rulesCovering(policy, inventory, there).filter(
      (rule) => rule.effect === "allow" && !isNoTraffic(rule[source.family]),
    );
    return { passes: true, rules: open };
  }
  const forward = explainConnection(policy, inventory, {
    ...there,
    protocol: packet.protocol,
    selector: selectorOf(packet),
  });
  if (forward.allowed) return { passes: true, rules: forward.allows };
  const opening = openingOf(packet);
  if (opening === undefined) return refused;
  const answered = explainConnection(policy, inventory, { ...back, ...opening });
  return answered.allowed ? { passes: true, rules: answered.allows } : refused;
}

/** What the other side must have been allowed to open for this packet to be an answer; UDP has no answers. */
function openingOf(packet: IpBody): { protocol: number; selector: number } | undefined {
  const { transport } = packet;
  if (packet.protocol === protocol.tcp && transport?.kind === "ports") {
    if (((transport.tcpFlags ?? 0) & tcpAck) === 0) return undefined;
    return { protocol: protocol.tcp, selector: transport.source };
  }
  if (transport?.kind !== "icmp" || packet.protocol !== icmpOf(packet)) return undefined;
  const echo = packet.source.family === 4 ? icmpEcho : icmpv6Echo;
  if (transport.type !== echo.reply) return undefined;
  return { protocol: packet.protocol, selector: (echo.request << 8) | transport.code };
}

/** The 16-bit selector of the packet's own traffic: see `Traffic`. */
function selectorOf(packet: IpBody): number {
  if (packet.transport?.kind === "ports") return packet.transport.destination;
  if (packet.transport?.kind === "icmp" && packet.protocol === icmpOf(packet))
    return (packet.transport.type << 8) | packet.transport.code;
  return 0;
}

/** ICMP inside IPv6, or ICMPv6 inside IPv4, is a protocol like any other. */
function icmpOf(packet: IpBody): number {
  return packet.source.family === 4 ? protocol.icmp : protocol.icmpv6;
}

export function isNeighbourPacket(packet: IpBody): boolean {
  return (
    packet.source.family === 6 &&
    packet.fragment === "no" &&
    packet.protocol === protocol.icmpv6 &&
    packet.transport?.kind === "icmp" &&
    isNeighbourDiscovery(packet.transport.type)
  );
}

/** Multicast, the limited broadcast and the broadcast address of each of the rail's subnets (RFC 919, RFC 4291). */
export function isNeverAddress(rail: Rail, { family, value }: Address): boolean {
  if (family === 6) return value >> 120n === 0xffn;
  if (value >> 28n === 0xen || value === 0xffffffffn) return true;
  // RFC 3021: a /31 has no broadcast address, and a /32 is one host
  return rail.subnets.some(
    (subnet) => subnet.family === 4 && subnet.length <= 30 && value === lastOf(subnet),
  );
}
