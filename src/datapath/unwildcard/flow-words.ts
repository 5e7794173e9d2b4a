/**
 * A packet, a match or a mask as 32-bit words in the order of OVS's `struct flow` (include/openvswitch/flow.h, 3.1):
 * lookup is staged along it, and fields that share a place there (an IPv4 address and an ARP one) share tries and masks.
 */

import { type FieldName, fieldsInOrder } from "../../openflow/field.js";
import type { PacketFields } from "../../openflow/packet-fields.js";

export type Words = Int32Array;

/** Anything that holds such words. */
export interface WordArray {
  [word: number]: number;
}

/** Where a field stands, in bits from the first word's highest. */
interface Place {
  readonly start: number;
  readonly width: number;
}

const bits = (word: number, width: number, offset = 0): Place => ({
  start: word * 32 + offset,
  width,
});

/** Words that are looked at by themselves. */
export const wordOf = {
  inPort: 18,
  etherType: 22,
  vlan: 23,
  ipv4Source: 24,
  ipv4Destination: 25,
  ipv6Source: 26,
  ipv6Destination: 30,
  /** Fragment, type of service, time to live, protocol: eight bits each. */
  internet: 35,
  /** Source port or ICMP type above, destination port or ICMP code below. */
  ports: 44,
} as const;

export const wordCount = 46;

const places: Readonly<Record<Exclude<FieldName, `reg${number}`>, Place>> = {
  // in no word: a subtable has it beside its mask (subtable.ts)
  conj_id: bits(0, 0),
  metadata: bits(16, 64),
  dl_dst: bits(19, 48),
  dl_src: bits(20, 48, 16),
  dl_type: bits(wordOf.etherType, 32),
  vlan_tci: bits(wordOf.vlan, 32),
  nw_src: bits(wordOf.ipv4Source, 32),
  arp_spa: bits(wordOf.ipv4Source, 32),
  nw_dst: bits(wordOf.ipv4Destination, 32),
  arp_tpa: bits(wordOf.ipv4Destination, 32),
  ipv6_src: bits(wordOf.ipv6Source, 128),
  ipv6_dst: bits(wordOf.ipv6Destination, 128),
  ipv6_label: bits(34, 32),
  nw_frag: bits(wordOf.internet, 8),
  nw_tos: bits(wordOf.internet, 8, 8),
  nw_ecn: bits(wordOf.internet, 8, 8),
  nw_ttl: bits(wordOf.internet, 8, 16),
  nw_proto: bits(wordOf.internet, 8, 24),
  arp_op: bits(wordOf.internet, 8, 24),
  nd_target: bits(36, 128),
  arp_sha: bits(40, 48),
  nd_sll: bits(40, 48),
  arp_tha: bits(41, 48, 16),
  nd_tll: bits(41, 48, 16),
  tcp_flags: bits(43, 16),
  nd_options_type: bits(43, 16),
  tp_src: bits(wordOf.ports, 16),
  icmp_type: bits(wordOf.ports, 16),
  icmpv6_type: bits(wordOf.ports, 16),
  tp_dst: bits(wordOf.ports, 16, 16),
  icmp_code: bits(wordOf.ports, 16, 16),
  icmpv6_code: bits(wordOf.ports, 16, 16),
  nd_reserved: bits(45, 32),
};

/** One word's share of a field: `(value >> down) & ones`, `up` bits from the word's lowest. */
interface Piece {
  readonly word: number;
  readonly down: bigint;
  readonly ones: bigint;
  readonly up: number;
}

const pieces: ReadonlyMap<FieldName, readonly Piece[]> = new Map(
  fieldsInOrder.map(({ name }) => [name, piecesOf(placeOf(name))]),
);

function placeOf(name: FieldName): Place {
  const register = /^reg([0-9]+)$/.exec(name);
  return register === null
    ? places[name as keyof typeof places]
    : bits(Number(register[1] as string), 32);
}

function piecesOf({ start, width }: Place): Piece[] {
  const found: Piece[] = [];
  for (let at = start; at < start + width; ) {
    const word = at >> 5;
    const size = Math.min(start + width, (word + 1) * 32) - at;
    found.push({
      word,
      down: BigInt(start + width - at - size),
      ones: (1n << BigInt(size)) - 1n,
      up: (word + 1) * 32 - at - size,
    });
    at += size;
  }
  return found;
}

/** ORs the value into its words. */
export function addField(words: WordArray, name: FieldName, value: bigint): void {
  for (const { word, down, ones, up } of pieces.get(name) as readonly Piece[])
    words[word] = (words[word] as number) | (Number((value >> down) & ones) << up);
}

/** Replaces the bits under the mask. */
export function setField(words: WordArray, name: FieldName, value: bigint, mask: bigint): void {
  for (const { word, down, ones, up } of pieces.get(name) as readonly Piece[]) {
    const under = Number((mask >> down) & ones) << up;
    words[word] = ((words[word] as number) & ~under) | (Number((value >> down) & ones) << up);
  }
}

export function readField(words: Readonly<WordArray>, name: FieldName): bigint {
  let value = 0n;
  for (const { word, down, ones, up } of pieces.get(name) as readonly Piece[])
    value |= (BigInt((words[word] as number) >>> up) & ones) << down;
  return value;
}

/** A match on an ICMP type or code compares all 16 bits of the port that holds it (match_set_icmp_type()). */
export function maskBitsOf(name: FieldName, mask: bigint): bigint {
  return icmpFields.has(name) && mask === 0xffn ? 0xffffn : mask;
}

const icmpFields: ReadonlySet<FieldName> = new Set([
  "icmp_type",
  "icmp_code",
  "icmpv6_type",
  "icmpv6_code",
]);

export function wordsOf(packet: PacketFields, inPort: number): Words {
  const words = new Int32Array(wordCount);
  for (const [name, value] of packet) addField(words, name, value);
  words[wordOf.inPort] = inPort;
  return words;
}

/** The stages of a lookup end before these words: metadata, Ethernet, IP, transport (FLOW_SEGMENT_1_ENDS_AT and so on). */
const stageEnds = [19, 24, 36, wordCount] as const;

export function stageOf(word: number): number {
  return stageEnds.findIndex((end) => word < end);
}
