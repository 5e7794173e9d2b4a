/** The bits of a match, one field at a time, within what Open vSwitch takes. */

import { type FieldName, fieldOf } from "../../../src/openflow/field.js";
import type { Match } from "../../../src/openflow/match.js";
import { isMet, needOf } from "../../../src/openflow/prerequisite.js";
import { printMasked } from "../../../src/openflow/print-value.js";
import type { Random } from "../random.js";

export interface Bit {
  readonly field: FieldName;
  readonly bit: bigint;
}

/** That may be matched bit by bit (ovs-fields(7)). */
export const maskable: readonly FieldName[] = [
  ...["dl_src", "dl_dst", "nw_src", "nw_dst", "ipv6_src", "ipv6_dst", "ipv6_label"],
  ...["arp_spa", "arp_tpa", "arp_sha", "arp_tha", "nd_target", "nd_sll", "nd_tll"],
  ...["tp_src", "tp_dst", "tcp_flags", "metadata", "reg0", "reg1", "vlan_tci"],
] as readonly FieldName[];

export function bitsIn(match: Match, field: FieldName): { value: bigint; mask: bigint } {
  return match.fields.find((one) => one.field === field) ?? { value: 0n, mask: 0n };
}

export function withBits(match: Match, field: FieldName, value: bigint, mask: bigint): Match {
  const others = match.fields.filter((one) => one.field !== field);
  const fields = mask === 0n ? others : [...others, { field, value, mask }];
  return { ...match, fields: fields.sort((one, other) => indexOf(one) - indexOf(other)) };
}

export function indexOf({ field }: { readonly field: FieldName }): number {
  return fieldOf(field).index;
}

/** Whether what the field needs beside it is in the match. */
export function canMatch(match: Match, field: FieldName): boolean {
  const value = (name: FieldName) => bitsIn(match, name).value;
  if (field.startsWith("nd_") && bitsIn(match, "icmpv6_code").mask === 0n) return false;
  return isMet(needOf(field), value("dl_type"), value("nw_proto"), value("icmpv6_type"));
}

/** A bit that the match leaves open; what is looked at already is looked at again more often than not. */
export function openBit(random: Random, match: Match): Bit | undefined {
  const fields = maskable.filter((field) => canMatch(match, field));
  const partly = fields.filter((field) => {
    const { mask } = bitsIn(match, field);
    return mask !== 0n && mask !== fieldOf(field).full;
  });
  const field = random.pick(partly.length > 0 && random.chance(0.6) ? partly : fields);
  const { value, mask } = bitsIn(match, field);
  const { full } = fieldOf(field);
  if (field === "vlan_tci") return mask === 0n ? { field, bit: 0x1000n } : undefined;
  const bit = 1n << BigInt(random.below(full.toString(2).length));
  if ((full & ~mask & bit) === 0n) return undefined;
  return isReadRight(field, value, mask | bit) ? { field, bit } : undefined;
}

/** `ovs-ofctl` 3.1 takes an IPv6 mask that begins with a digit for the length of a prefix. */
export function isReadRight(field: FieldName, value: bigint, mask: bigint): boolean {
  const text = printMasked(fieldOf(field), value & mask, mask);
  return !/\/\d[\da-f]*:/.test(text);
}

export function withBit(match: Match, { field, bit }: Bit, isSet: boolean): Match {
  const { value, mask } = bitsIn(match, field);
  return withBits(match, field, value | (isSet ? bit : 0n), mask | bit);
}
