/**
 * The packets that the policy lets pass at one node's rail, as boxes: every local endpoint with every endpoint and
 * network it may meet, each service there and its answers back, by representor and by uplink.
 *
 * Clients are taken to use Linux's default port range. Where a rule opens all protocols, TCP, UDP and echo stand for
 * them; where it opens all of ICMP, echo does.
 */

import type { LocalEndpoint, Membership } from "../../compile/fleet.js";
import type { Grant } from "../../compile/grant.js";
import type { RailView } from "../../compile/rail-view.js";
import { addField, type Words, wordCount, wordOf } from "../../datapath/unwildcard/flow-words.js";
import { type Address, type Family, widthOf } from "../../net/address.js";
import {
  addressSetOf,
  prefixesOf,
  subtractAddresses,
  uniteAddresses,
} from "../../net/address-set.js";
import {
  everyNumber,
  type Interval,
  type IntervalSet,
  intersectIntervals,
} from "../../net/interval-set.js";
import type { Mac } from "../../net/mac.js";
import { tcpAck } from "../../net/packet.js";
import { maskOf, type Prefix } from "../../net/prefix.js";
import { icmpEcho, icmpv6Echo, protocol } from "../../net/protocol.js";
import { selectorsOf, type Traffic } from "../../net/traffic.js";
import { etherTypes, fieldOf } from "../../openflow/field.js";
import type { Rule } from "../../policy/checked-policy.js";
import { type Box, boxOf } from "./explore.js";

export interface LegitimateBox {
  readonly box: Box;
  /** Who let it pass. */
  readonly rules: readonly Rule[];
}

/** /proc/sys/net/ipv4/ip_local_port_range, as Linux comes. */
const clientPorts: IntervalSet = [{ first: 32768, last: 60999 }];
/** The flag of a connection's first segment (RFC 9293). */
const tcpSyn = 0x02;

/** RoCEv2 and others draw from more. */
const anySourcePort: IntervalSet = [{ first: 1024, last: 65535 }];

/** For every pair and service, one connection; or all that clients and services have ports for, over time. */
export type PortChoice = "one" | "every";

/** More ICMP types than this are not a service that names some, but one that leaves ICMP open. */
const manyTypes = 16;

/** Of stations that the inventory gives no link-layer address, and that no flow looks at. */
const someMac = 0x02_00_00_00_00_01n;

/** `portNumber` gives the number of a port by its name. */
export function* legitimateTraffic(
  view: RailView,
  portNumber: (name: string) => number,
  choice: PortChoice,
): Generator<LegitimateBox, void, undefined> {
  const locals = view.fleet.locals();
  const ownAddresses = locals.flatMap(({ addresses }) => addresses);
  const uplink = portNumber(view.ports.uplink);
  for (const local of locals)
    for (const member of view.fleet.members()) {
      const there = view.bearings(local.party, member.party);
      const back = view.bearings(member.party, local.party);
      if (there.bearings.length === 0 && back.bearings.length === 0) continue;
      for (const address of local.addresses) {
        const { family } = address;
        const own: Prefix = { ...address, length: widthOf(family) };
        const outward = frameFrom(view, local, family, portNumber(local.representor));
        const leaving = view.grant(there.key, there.bearings, family);
        for (const peer of peersOf(view, member, family, local.addresses))
          yield* granted(leaving, family, withAddresses(outward, own, peer), choice);
        const inward = frameToward(view, local, family, uplink);
        const arriving = view.grant(back.key, back.bearings, family);
        for (const peer of peersOf(view, member, family, ownAddresses))
          yield* granted(arriving, family, withAddresses(inward, peer, own), choice);
      }
    }
}

/** Multicast, which a network may hold, never passes. */
function peersOf(
  view: RailView,
  member: Membership,
  family: Family,
  others: readonly Address[],
): Prefix[] {
  const excluded = uniteAddresses(addressSetOf(family, others), view.never(family));
  return prefixesOf(subtractAddresses(member.addresses(family), excluded));
}

function frameFrom(view: RailView, local: LocalEndpoint, family: Family, inPort: number): Words {
  return frame(family, inPort, local.mac, view.isRouted ? view.mac : someMac);
}

function frameToward(view: RailView, local: LocalEndpoint, family: Family, inPort: number): Words {
  return view.isRouted
    ? frame(family, inPort, view.nextHop, view.mac)
    : frame(family, inPort, someMac, local.mac);
}

function frame(family: Family, inPort: number, source: Mac, destination: Mac): Words {
  const words = new Int32Array(wordCount);
  words[wordOf.inPort] = inPort;
  words[wordOf.etherType] = family === 4 ? etherTypes.ipv4 : etherTypes.ipv6;
  addField(words, "dl_src", source);
  addField(words, "dl_dst", destination);
  addField(words, "nw_ttl", 64n);
  return words;
}

function withAddresses(words: Words, source: Prefix, destination: Prefix): Box {
  const box = boxOf(words.slice());
  const fields =
    source.family === 4 ? (["nw_src", "nw_dst"] as const) : (["ipv6_src", "ipv6_dst"] as const);
  for (const [at, prefix] of [source, destination].entries()) {
    const field = fields[at] as (typeof fields)[number];
    const { full } = fieldOf(field);
    addField(box.packet, field, prefix.value);
    addField(box.free, field, full & ~maskOf(prefix));
  }
  return box;
}

function* granted(
  { packets, answers }: Grant,
  family: Family,
  box: Box,
  choice: PortChoice,
): Generator<LegitimateBox, void, undefined> {
  const chosen = (ports: IntervalSet) => (choice === "one" ? ports.map(middleOf) : ports);
  const clients = chosen(clientPorts);
  for (const { traffic, rules } of packets) {
    const tcp = selectorsOf(traffic, protocol.tcp);
    for (const flags of [tcpAck, tcpSyn])
      yield* withPorts(box, protocol.tcp, clients, chosen(tcp), rules, flags);
    const udp = selectorsOf(traffic, protocol.udp);
    yield* withPorts(box, protocol.udp, chosen(anySourcePort), chosen(udp), rules);
    if (!traffic.rest) {
      const sctp = selectorsOf(traffic, protocol.sctp);
      yield* withPorts(box, protocol.sctp, clients, chosen(sctp), rules);
    }
    yield* withIcmp(box, family, traffic, rules);
  }
  for (const { ports, rules } of answers)
    yield* withPorts(box, protocol.tcp, chosen(ports), clients, rules, tcpAck);
}

function* withPorts(
  box: Box,
  upper: number,
  sourcePorts: IntervalSet,
  destinationPorts: IntervalSet,
  rules: readonly Rule[],
  flags = 0,
): Generator<LegitimateBox, void, undefined> {
  if (sourcePorts.length === 0 || destinationPorts.length === 0) return;
  const packet = box.packet.slice();
  const free = box.free.slice();
  addField(packet, "nw_proto", BigInt(upper));
  addField(packet, "tcp_flags", BigInt(flags));
  packet[wordOf.ports] = (firstOf(sourcePorts) << 16) | firstOf(destinationPorts);
  free[wordOf.ports] = (freeBits(sourcePorts) << 16) | freeBits(destinationPorts);
  yield { box: { packet, free, sourcePorts, destinationPorts }, rules };
}

/** Of a range of ports, the one in its middle stands for the rest. */
function middleOf({ first, last }: Interval): Interval {
  const middle = (first + last) >> 1;
  return { first: middle, last: middle };
}

function firstOf(set: IntervalSet): number {
  return set[0]?.first ?? 0;
}

/** All bits but those at the head that every number of the set shares. */
function freeBits(set: IntervalSet): number {
  const differ = firstOf(set) ^ (set.at(-1)?.last ?? 0);
  return differ === 0 ? 0 : 0xffff >>> (Math.clz32(differ) - 16);
}

function* withIcmp(
  box: Box,
  family: Family,
  traffic: Traffic,
  rules: readonly Rule[],
): Generator<LegitimateBox, void, undefined> {
  const number = family === 4 ? protocol.icmp : protocol.icmpv6;
  const echo = family === 4 ? icmpEcho : icmpv6Echo;
  const selectors = selectorsOf(traffic, number);
  const named = selectors.flatMap(({ first, last }) => {
    const types = (last >> 8) - (first >> 8) + 1;
    return Array.from({ length: Math.min(types, manyTypes + 1) }, (_, at) => (first >> 8) + at);
  });
  const types = named.length > manyTypes ? [echo.request, echo.reply] : [...new Set(named)];
  for (const type of types) {
    const codes = intersectIntervals(selectors, [{ first: type << 8, last: (type << 8) | 0xff }]);
    if (codes.length === 0) continue;
    const packet = box.packet.slice();
    const free = box.free.slice();
    addField(packet, "nw_proto", BigInt(number));
    packet[wordOf.ports] = type << 16;
    free[wordOf.ports] = 0xff;
    const destinationPorts = codes.map(({ first, last }) => ({
      first: first & 0xff,
      last: last & 0xff,
    }));
    yield { box: { packet, free, sourcePorts: everyNumber, destinationPorts }, rules };
  }
}
