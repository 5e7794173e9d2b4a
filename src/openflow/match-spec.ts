/** The typed way to write a match: a field can stand only inside what it needs, so OVS never drops it silently. */

import { type Family, widthOf } from "../net/address.js";
import type { MaskedNumber } from "../net/interval-set.js";
import { maskOf, type Prefix } from "../net/prefix.js";
import { neighbourDiscovery, protocol } from "../net/protocol.js";
import {
  etherTypes,
  type FieldName,
  type FragmentName,
  fieldOf,
  fragmentMatches,
  registerName,
} from "./field.js";
import { type FieldMatch, type Match, type Port, portOf } from "./match.js";

/** Bits under a mask: those outside the mask must be zero. */
export interface MaskedBits {
  readonly value: bigint;
  readonly mask: bigint;
}

export type MatchSpec = CommonSpec & LayerSpec;

interface CommonSpec {
  readonly inPort?: Port;
  /** Register number to its exact 32-bit value. */
  readonly registers?: { readonly [index: number]: number };
  readonly ethernetSource?: MaskedBits;
  readonly ethernetDestination?: MaskedBits;
  /** Frames without an 802.1Q tag only. */
  readonly untagged?: true;
}

export type LayerSpec =
  | { readonly etherType?: never; readonly arp?: never; readonly ip?: never }
  | { readonly etherType: number; readonly arp?: never; readonly ip?: never }
  | { readonly etherType?: never; readonly arp: ArpSpec; readonly ip?: never }
  | { readonly etherType?: never; readonly arp?: never; readonly ip: IpSpec };

export interface ArpSpec {
  readonly operation?: number;
  /** IPv4, as is `targetAddress`. */
  readonly senderAddress?: Prefix | MaskedBits;
  readonly targetAddress?: Prefix | MaskedBits;
  readonly senderMac?: MaskedBits;
  readonly targetMac?: MaskedBits;
}

export type IpSpec = {
  readonly family: Family;
  /** Of that family, as is `destination`; bits that are no prefix are outside the switch's prefix trie. */
  readonly source?: Prefix | MaskedBits;
  readonly destination?: Prefix | MaskedBits;
  readonly fragment?: FragmentName;
} & UpperSpec;

type UpperSpec =
  | { readonly transport?: never; readonly icmp?: never; readonly neighbour?: never }
  | { readonly transport: TransportSpec; readonly icmp?: never; readonly neighbour?: never }
  | { readonly transport?: never; readonly icmp: IcmpSpec; readonly neighbour?: never }
  | { readonly transport?: never; readonly icmp?: never; readonly neighbour: NeighbourSpec };

export type TransportSpec =
  | {
      readonly protocol: number;
      readonly sourcePort?: never;
      readonly destinationPort?: never;
      readonly flags?: never;
    }
  | {
      readonly protocol: typeof protocol.tcp;
      readonly sourcePort?: MaskedNumber;
      readonly destinationPort?: MaskedNumber;
      readonly flags?: MaskedNumber;
    }
  | {
      readonly protocol: typeof protocol.udp | typeof protocol.sctp;
      readonly sourcePort?: MaskedNumber;
      readonly destinationPort?: MaskedNumber;
      readonly flags?: never;
    };

/** ICMP or, for family 6, ICMPv6. */
export interface IcmpSpec {
  readonly type?: number;
  readonly code?: number;
}

/**
 * Neighbour discovery, family 6 only; the code is 0 (RFC 4861), else OVS does not look at the body. Each message
 * has its own link-layer option: OVS 3.1 silently drops `nd_tll` from a match on solicitations, and `nd_sll` from
 * one on advertisements. An option that is not in the packet counts as zero.
 */
export type NeighbourSpec =
  | {
      readonly message: "solicitation";
      readonly target?: Prefix | MaskedBits;
      readonly sourceLinkLayer?: MaskedBits;
      readonly targetLinkLayer?: never;
    }
  | {
      readonly message: "advertisement";
      readonly target?: Prefix | MaskedBits;
      readonly sourceLinkLayer?: never;
      readonly targetLinkLayer?: MaskedBits;
    };

const byteMask = 0xffn;
const portMask = 0xffffn;

/** Matches everything where the spec says nothing. Throws where it says what no type can forbid: a defect. */
export function matchOf(spec: MatchSpec): Match {
  const fields: FieldMatch[] = [];
  if (spec.registers !== undefined)
    for (const index of Object.keys(spec.registers)) {
      const value = spec.registers[Number(index)] as number;
      push(fields, registerName(Number(index)), BigInt(value), 0xffffffffn);
    }
  if (spec.untagged === true) fields.push(untagged);
  pushMasked(fields, "dl_src", spec.ethernetSource);
  pushMasked(fields, "dl_dst", spec.ethernetDestination);
  if (spec.etherType !== undefined) push(fields, "dl_type", BigInt(spec.etherType), portMask);
  else if (spec.arp !== undefined) pushArp(fields, spec.arp);
  else if (spec.ip !== undefined) pushIp(fields, spec.ip);
  return spec.inPort === undefined ? { fields } : { inPort: portOf(spec.inPort), fields };
}

function pushArp(fields: FieldMatch[], arp: ArpSpec): void {
  fields.push(isArp);
  pushAddress(fields, "arp_spa", arp.senderAddress, 4);
  pushAddress(fields, "arp_tpa", arp.targetAddress, 4);
  if (arp.operation !== undefined) push(fields, "arp_op", BigInt(arp.operation), byteMask);
  pushMasked(fields, "arp_sha", arp.senderMac);
  pushMasked(fields, "arp_tha", arp.targetMac);
}

function pushIp(fields: FieldMatch[], ip: IpSpec): void {
  const four = ip.family === 4;
  fields.push(four ? isIpv4 : isIpv6);
  const source = four ? "nw_src" : "ipv6_src";
  pushAddress(fields, source, ip.source, ip.family);
  pushAddress(fields, four ? "nw_dst" : "ipv6_dst", ip.destination, ip.family);
  const upper = protocolOf(ip);
  if (upper !== undefined) push(fields, "nw_proto", BigInt(upper), byteMask);
  if (ip.fragment !== undefined) fields.push(fragments[ip.fragment]);
  if (ip.icmp !== undefined) {
    const { type, code } = ip.icmp;
    if (type !== undefined)
      push(fields, four ? "icmp_type" : "icmpv6_type", BigInt(type), byteMask);
    if (code !== undefined)
      push(fields, four ? "icmp_code" : "icmpv6_code", BigInt(code), byteMask);
  } else if (ip.neighbour !== undefined) {
    if (four) throw new Error("neighbour discovery belongs to IPv6");
    pushNeighbour(fields, ip.neighbour);
  } else if (ip.transport !== undefined) {
    const { sourcePort, destinationPort, flags } = ip.transport;
    // OVS 3.1 answers OFPBMC_BAD_PREREQ: later fragments carry no ports
    if (ip.fragment === "later" && (sourcePort ?? destinationPort ?? flags) !== undefined)
      throw new Error("later fragments have no ports");
    pushNumber(fields, "tp_src", sourcePort);
    pushNumber(fields, "tp_dst", destinationPort);
    pushNumber(fields, "tcp_flags", flags);
  }
}

function protocolOf(ip: IpSpec): number | undefined {
  if (ip.transport !== undefined) return ip.transport.protocol;
  if (ip.icmp === undefined && ip.neighbour === undefined) return undefined;
  return ip.family === 4 ? protocol.icmp : protocol.icmpv6;
}

function pushNeighbour(fields: FieldMatch[], neighbour: NeighbourSpec): void {
  const type =
    neighbour.message === "solicitation"
      ? neighbourDiscovery.neighbourSolicitation
      : neighbourDiscovery.neighbourAdvertisement;
  push(fields, "icmpv6_type", BigInt(type), byteMask);
  push(fields, "icmpv6_code", 0n, byteMask);
  pushAddress(fields, "nd_target", neighbour.target, 6);
  pushMasked(fields, "nd_sll", neighbour.sourceLinkLayer);
  pushMasked(fields, "nd_tll", neighbour.targetLinkLayer);
}

function pushAddress(
  fields: FieldMatch[],
  field: FieldName,
  address: Prefix | MaskedBits | undefined,
  family: Family,
): void {
  if (address !== undefined && "mask" in address) pushMasked(fields, field, address);
  else pushPrefix(fields, field, address, family);
}

function pushPrefix(
  fields: FieldMatch[],
  field: FieldName,
  prefix: Prefix | undefined,
  family: Family,
): void {
  if (prefix === undefined) return;
  if (prefix.family !== family) throw new Error(`${field} takes IPv${family} prefixes only`);
  if (prefix.length < 0 || prefix.length > widthOf(family))
    throw new Error(`${field} has no /${prefix.length}`);
  push(fields, field, prefix.value, maskOf(prefix));
}

function pushMasked(fields: FieldMatch[], field: FieldName, bits: MaskedBits | undefined): void {
  if (bits !== undefined) push(fields, field, bits.value, bits.mask);
}

function pushNumber(
  fields: FieldMatch[],
  field: FieldName,
  number: MaskedNumber | undefined,
): void {
  if (number !== undefined) push(fields, field, BigInt(number.value), BigInt(number.mask));
}

function push(fields: FieldMatch[], field: FieldName, value: bigint, mask: bigint): void {
  if ((value & mask) !== value || (mask & fieldOf(field).full) !== mask)
    throw new Error(`0x${value.toString(16)}/0x${mask.toString(16)} does not fit ${field}`);
  if (mask !== 0n) fields.push({ field, value, mask });
}

function exactly(field: FieldName, value: number): FieldMatch {
  return { field, value: BigInt(value), mask: fieldOf(field).full };
}

const isIpv4 = exactly("dl_type", etherTypes.ipv4);
const isIpv6 = exactly("dl_type", etherTypes.ipv6);
const isArp = exactly("dl_type", etherTypes.arp);

// The bit that marks a tag's presence (ovs-fields(7), "VLAN"): `vlan_tci=0x0000/0x1000` is "no tag at all".
const untagged: FieldMatch = { field: "vlan_tci", value: 0n, mask: 0x1000n };

const fragments: Readonly<Record<FragmentName, FieldMatch>> = {
  no: { field: "nw_frag", ...fragmentMatches.no },
  yes: { field: "nw_frag", ...fragmentMatches.yes },
  first: { field: "nw_frag", ...fragmentMatches.first },
  later: { field: "nw_frag", ...fragmentMatches.later },
  not_later: { field: "nw_frag", ...fragmentMatches.not_later },
};
