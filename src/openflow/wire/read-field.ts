/**
 * Fields as Open vSwitch sends them in its answers (include/openvswitch/meta-flow.h, and nx_put_raw() in
 * lib/nx-match.c for OpenFlow 1.4). Nothing here is shared with match-field.ts, which says how they are sent to it: what
 * is read back is worth something only if one mistake cannot be in both.
 */

import type { FieldName } from "../field.js";
import type { WireReader } from "./reader.js";

/** What a header of four bytes (OpenFlow 1.4, section 7.2.2.2) stands for. */
export interface WireField {
  readonly field: FieldName | "in_port";
  readonly bits: number;
  /** Those that mean anything. */
  readonly whole: bigint;
  /** Bytes of its value. */
  readonly width: number;
  /** Where its lowest bit is in ours: OpenFlow has two fields for a VLAN tag, and cuts ECN off the TOS byte. */
  readonly shift: bigint;
  /** The IP protocol that it is a field of, where OpenFlow has one field for each and we have one for all. */
  readonly protocol: bigint | undefined;
}

type Row = readonly [
  field: FieldName | "in_port",
  bits: number,
  classes: Partial<Record<keyof typeof classNumbers, number>>,
  rest?: Partial<Record<"shift" | "protocol" | "width" | "whole", number>>,
];

const classNumbers = {
  NXM_OF: 0x0000,
  NXM_NX: 0x0001,
  OXM_OF: 0x8000,
  /** Its number follows the header, as a word of its own. */
  ONFOXM_ET: 0xffff,
  ERICOXM_OF: 0x1000,
} as const;

const tcp = { protocol: 6 };
const udp = { protocol: 17 };
const sctp = { protocol: 132 };

const rows: readonly Row[] = [
  ["in_port", 32, { OXM_OF: 0 }],
  ["conj_id", 32, { NXM_NX: 37 }],
  ["metadata", 64, { OXM_OF: 2 }],
  ["reg0", 32, { NXM_NX: 0 }],
  ["reg1", 32, { NXM_NX: 1 }],
  ["reg2", 32, { NXM_NX: 2 }],
  ["reg3", 32, { NXM_NX: 3 }],
  ["reg4", 32, { NXM_NX: 4 }],
  ["reg5", 32, { NXM_NX: 5 }],
  ["reg6", 32, { NXM_NX: 6 }],
  ["reg7", 32, { NXM_NX: 7 }],
  ["reg8", 32, { NXM_NX: 8 }],
  ["reg9", 32, { NXM_NX: 9 }],
  ["reg10", 32, { NXM_NX: 10 }],
  ["reg11", 32, { NXM_NX: 11 }],
  ["reg12", 32, { NXM_NX: 12 }],
  ["reg13", 32, { NXM_NX: 13 }],
  ["reg14", 32, { NXM_NX: 14 }],
  ["reg15", 32, { NXM_NX: 15 }],
  ["dl_dst", 48, { NXM_OF: 1, OXM_OF: 3 }],
  ["dl_src", 48, { NXM_OF: 2, OXM_OF: 4 }],
  ["dl_type", 16, { NXM_OF: 3, OXM_OF: 5 }],
  ["vlan_tci", 16, { NXM_OF: 4 }],
  // OFPVID_PRESENT is the tag's presence bit of the TCI
  ["vlan_tci", 13, { OXM_OF: 6 }],
  ["vlan_tci", 3, { OXM_OF: 7 }, { shift: 13 }],
  ["nw_tos", 8, { NXM_OF: 5 }, { whole: 0xfc }],
  ["nw_tos", 6, { OXM_OF: 8 }, { shift: 2 }],
  ["nw_ecn", 2, { NXM_NX: 28, OXM_OF: 9 }],
  ["nw_proto", 8, { NXM_OF: 6, OXM_OF: 10 }],
  ["nw_src", 32, { NXM_OF: 7, OXM_OF: 11 }],
  ["nw_dst", 32, { NXM_OF: 8, OXM_OF: 12 }],
  ["nw_frag", 2, { NXM_NX: 26 }],
  ["nw_ttl", 8, { NXM_NX: 29 }],
  ["tp_src", 16, { NXM_OF: 9, OXM_OF: 13 }, tcp],
  ["tp_dst", 16, { NXM_OF: 10, OXM_OF: 14 }, tcp],
  ["tp_src", 16, { NXM_OF: 11, OXM_OF: 15 }, udp],
  ["tp_dst", 16, { NXM_OF: 12, OXM_OF: 16 }, udp],
  ["tp_src", 16, { OXM_OF: 17 }, sctp],
  ["tp_dst", 16, { OXM_OF: 18 }, sctp],
  ["tcp_flags", 12, { NXM_NX: 34, OXM_OF: 42, ONFOXM_ET: 42 }, tcp],
  ["icmp_type", 8, { NXM_OF: 13, OXM_OF: 19 }],
  ["icmp_code", 8, { NXM_OF: 14, OXM_OF: 20 }],
  // 16 bits wide, of which Open vSwitch has the lower 8
  ["arp_op", 8, { NXM_OF: 15, OXM_OF: 21 }, { width: 2 }],
  ["arp_spa", 32, { NXM_OF: 16, OXM_OF: 22 }],
  ["arp_tpa", 32, { NXM_OF: 17, OXM_OF: 23 }],
  ["arp_sha", 48, { NXM_NX: 17, OXM_OF: 24 }],
  ["arp_tha", 48, { NXM_NX: 18, OXM_OF: 25 }],
  ["ipv6_src", 128, { NXM_NX: 19, OXM_OF: 26 }],
  ["ipv6_dst", 128, { NXM_NX: 20, OXM_OF: 27 }],
  ["ipv6_label", 20, { NXM_NX: 27, OXM_OF: 28 }, { width: 4 }],
  ["icmpv6_type", 8, { NXM_NX: 21, OXM_OF: 29 }],
  ["icmpv6_code", 8, { NXM_NX: 22, OXM_OF: 30 }],
  ["nd_target", 128, { NXM_NX: 23, OXM_OF: 31 }],
  ["nd_sll", 48, { NXM_NX: 24, OXM_OF: 32 }],
  ["nd_tll", 48, { NXM_NX: 25, OXM_OF: 33 }],
  ["nd_reserved", 32, { ERICOXM_OF: 1 }],
  ["nd_options_type", 8, { ERICOXM_OF: 2 }],
];

const known: ReadonlyMap<number, WireField> = new Map(
  rows.flatMap(([field, bits, classes, rest = {}]) =>
    Object.entries(classes).map(([name, number]): [number, WireField] => [
      keyOf(classNumbers[name as keyof typeof classNumbers], number),
      {
        field,
        bits,
        whole: rest.whole === undefined ? (1n << BigInt(bits)) - 1n : BigInt(rest.whole),
        width: rest.width ?? Math.ceil(bits / 8),
        shift: BigInt(rest.shift ?? 0),
        protocol: rest.protocol === undefined ? undefined : BigInt(rest.protocol),
      },
    ]),
  ),
);

/** The Open Networking Foundation's number among experimenters. */
const onf = 0x4f4e4600;

export interface FieldHeader {
  /** Undefined for a field that is not known. */
  readonly wire: WireField | undefined;
  readonly hasMask: boolean;
  /** Bytes that follow: the value, and as many again for its mask. */
  readonly length: number;
}

export function readFieldHeader(reader: WireReader): FieldHeader {
  const code = reader.number(2);
  const number = reader.number(1);
  let length = reader.number(1);
  const hasMask = number % 2 === 1;
  let wire = known.get(keyOf(code, (number - (number % 2)) / 2));
  if (code === classNumbers.ONFOXM_ET) {
    if (reader.number(4) !== onf) wire = undefined;
    length -= 4;
  }
  const width = hasMask ? length / 2 : length;
  return { wire: wire?.width === width ? wire : undefined, hasMask, length };
}

function keyOf(code: number, number: number): number {
  return code * 128 + number;
}
