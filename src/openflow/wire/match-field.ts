/**
 * Fields as OpenFlow 1.4 names them on a connection: one header each, in the OpenFlow eXtensible Match format
 * (OpenFlow 1.4, section 7.2.2.2) or in Open vSwitch's older NXM, as Open vSwitch itself sends them (ovs-fields(7)).
 */

import type { FieldName } from "../field.js";
import type { WireWriter } from "./writer.js";

/** `NXM_OF_`, `NXM_NX_`, `OXM_OF_` and `ERICOXM_OF_` of ovs-fields(7). */
const nxm = 0x0000;
const nicira = 0x0001;
const oxm = 0x8000;
const ericsson = 0x1000;

export interface MatchField {
  /**
   * 31      16 15      9  8  7      0
   * |  class  |  field  | m | length |    m: a mask of the same width follows the value
   */
  readonly header: number;
  /** Width of the value in bytes. */
  readonly width: number;
}

type Row = readonly [field: FieldName, code: number, number: number, width: number];

const rows: readonly Row[] = [
  ["conj_id", nicira, 37, 4],
  ...Array.from({ length: 16 }, (_, index): Row => [`reg${index}` as FieldName, nicira, index, 4]),
  ["metadata", oxm, 2, 8],
  ["vlan_tci", nxm, 4, 2],
  ["dl_dst", oxm, 3, 6],
  ["dl_src", oxm, 4, 6],
  ["dl_type", oxm, 5, 2],
  ["ipv6_src", oxm, 26, 16],
  ["ipv6_dst", oxm, 27, 16],
  ["ipv6_label", oxm, 28, 4],
  ["arp_op", oxm, 21, 2],
  ["arp_spa", oxm, 22, 4],
  ["arp_tpa", oxm, 23, 4],
  ["arp_sha", oxm, 24, 6],
  ["arp_tha", oxm, 25, 6],
  ["nw_src", oxm, 11, 4],
  ["nw_dst", oxm, 12, 4],
  ["nw_proto", oxm, 10, 1],
  ["nw_tos", nxm, 5, 1],
  ["nw_ecn", oxm, 9, 1],
  ["nw_ttl", nicira, 29, 1],
  ["nw_frag", nicira, 26, 1],
  ["icmp_type", oxm, 19, 1],
  ["icmp_code", oxm, 20, 1],
  ["icmpv6_type", oxm, 29, 1],
  ["icmpv6_code", oxm, 30, 1],
  ["nd_target", oxm, 31, 16],
  ["nd_sll", oxm, 32, 6],
  ["nd_tll", oxm, 33, 6],
  ["nd_reserved", ericsson, 1, 4],
  ["nd_options_type", ericsson, 2, 1],
  ["tcp_flags", nicira, 34, 2],
];

const known: ReadonlyMap<FieldName, MatchField> = new Map(
  rows.map(([name, code, number, width]) => [name, matchField(code, number, width)]),
);

export const inPortField: MatchField = matchField(oxm, 0, 4);

/** The transport protocols whose ports OpenFlow can match, with the number of their source port's field. */
const sourcePortNumbers: ReadonlyMap<bigint, number> = new Map([
  [6n, 13],
  [17n, 15],
  [132n, 17],
]);

/** `protocol` is the IP protocol of the match: OpenFlow has other ports for TCP than for UDP. */
export function matchFieldOf(name: FieldName, protocol?: bigint): MatchField | undefined {
  if (name !== "tp_src" && name !== "tp_dst") return known.get(name);
  const number = protocol === undefined ? undefined : sourcePortNumbers.get(protocol);
  return number === undefined
    ? undefined
    : matchField(oxm, name === "tp_src" ? number : number + 1, 2);
}

export function writeField(
  writer: WireWriter,
  { header, width }: MatchField,
  value: bigint,
  mask?: bigint,
): void {
  const isMasked = mask !== undefined;
  writer.number(isMasked ? header + 0x100 + width : header, 4);
  writer.bits(value, width);
  if (isMasked) writer.bits(mask, width);
}

function matchField(code: number, number: number, width: number): MatchField {
  // no bit operators: they make the topmost bit a sign
  return { header: code * 0x10000 + number * 0x200 + width, width };
}
