/**
 * The order in which diagrams ask for the bits of a packet. Addresses come before services, because whom a packet is
 * for and from leaves few kinds of service to tell apart; and what is the same 24 bits in a solicitation (its Ethernet
 * and IPv6 groups, its target; RFC 4291, section 2.7.1) is asked for bit by bit in turn, else each target would be
 * remembered until the next field.
 */

import { type FieldName, fieldOf, fieldsInOrder } from "../../openflow/field.js";

type Run = readonly [field: FieldName, from: number, to: number];

/** Runs of bits, the highest first, both ends counted from 0 for the lowest bit. */
const runs: readonly (Run | readonly Run[])[] = [
  whole("dl_type"),
  whole("vlan_tci"),
  whole("dl_src"),
  ["dl_dst", 47, 24],
  whole("arp_tpa"),
  whole("arp_spa"),
  whole("arp_op"),
  whole("arp_sha"),
  whole("arp_tha"),
  whole("nw_dst"),
  whole("nw_src"),
  ["ipv6_dst", 127, 24],
  [
    ["dl_dst", 23, 0],
    ["ipv6_dst", 23, 0],
    ["nd_target", 23, 0],
  ],
  ["nd_target", 127, 24],
  whole("ipv6_src"),
  whole("nw_frag"),
  whole("nw_proto"),
  whole("tp_dst"),
  whole("tcp_flags"),
  whole("tp_src"),
  whole("icmp_type"),
  whole("icmp_code"),
  whole("icmpv6_type"),
  whole("icmpv6_code"),
  whole("nd_sll"),
  whole("nd_tll"),
  whole("nd_reserved"),
  whole("nd_options_type"),
  whole("nw_ttl"),
  whole("nw_tos"),
  whole("nw_ecn"),
  whole("ipv6_label"),
];

function whole(field: FieldName): Run {
  return [field, fieldOf(field).full.toString(2).length - 1, 0];
}

export interface HeaderBit {
  readonly field: number;
  readonly bit: number;
}

/** By level. */
export const headerBits: readonly HeaderBit[] = runs.flatMap((run) =>
  typeof run[0] === "string" ? bitsOfRun(run as Run) : inTurn(run as readonly Run[]),
);

function bitsOfRun([field, from, to]: Run): HeaderBit[] {
  const { index } = fieldOf(field);
  return Array.from({ length: from - to + 1 }, (_, at) => ({ field: index, bit: from - at }));
}

function inTurn(several: readonly Run[]): HeaderBit[] {
  const lists = several.map(bitsOfRun);
  return (lists[0] ?? []).flatMap((_, at) => lists.map((list) => list[at] as HeaderBit));
}

const levels: Int16Array[] = fieldsInOrder.map(({ full }) =>
  new Int16Array(full.toString(2).length).fill(-1),
);
for (const [level, { field, bit }] of headerBits.entries())
  (levels[field] as Int16Array)[bit] = level;

/** `field` is its place in `fieldsInOrder`. Registers have no level: they are never of the packet. */
export function levelOfBit(field: number, bit: number): number {
  return (levels[field] as Int16Array)[bit] as number;
}

/** Registers and metadata: zero when a packet comes in, gone when it leaves (ovs-fields(7)). */
export const scratchFields: number = fieldOf("metadata").index + 1;

export function isScratchField(field: number): boolean {
  return field < scratchFields;
}
