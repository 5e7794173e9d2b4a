/** The packets a megaflow covers, in OpenFlow's fields. */

import type { DatapathField, Megaflow } from "../datapath/megaflow.js";
import { type FieldName, fieldOf } from "../openflow/field.js";
import type { Bits, Cube } from "./cube.js";

const vlanTypes: ReadonlySet<bigint> = new Set([0x8100n, 0x88a8n]);

/** Bits of `vlan_tci` (ovs-fields(7), "VLAN"): a tag is there. */
const tagPresent = 0x1000n;

export function cubeOf(megaflow: Megaflow): Cube {
  const { fields } = megaflow.match;
  const cube = new Map<FieldName, Bits>();
  const tagged = fields.some(
    ({ name, value, mask }) => isOuterType(name) && mask !== 0n && vlanTypes.has(value),
  );
  for (const field of fields) {
    if (field.field === undefined || field.name.startsWith("tunnel.")) continue;
    // the type in front of a tag is the tag's own; OpenFlow's dl_type is the one behind it
    if (isOuterType(field.name) && tagged) continue;
    addField(cube, field.field, field);
  }
  const tag = tagOf(fields, tagged);
  if (tag !== undefined) cube.set("vlan_tci", tag);
  for (const field of hiddenBy(cube)) cube.set(field, zero(field));
  return cube;
}

/** What the text says of wildcarded bits: those of the packet that made the megaflow, where OVS printed them. */
export function firstPacketOf(megaflow: Megaflow): ReadonlyMap<FieldName, bigint> {
  const values = new Map<FieldName, bigint>();
  for (const { field, value } of megaflow.match.fields)
    if (field !== undefined) values.set(field, value);
  return values;
}

function isOuterType(name: string): boolean {
  return name === "eth_type";
}

function addField(
  cube: Map<FieldName, Bits>,
  field: FieldName,
  { value, mask }: DatapathField,
): void {
  if (mask === 0n) return;
  if (field === "nw_tos") {
    // one byte in the datapath, two fields in OpenFlow: DSCP and ECN
    setKnown(cube, "nw_tos", value & 0xfcn, mask & 0xfcn);
    setKnown(cube, "nw_ecn", value & 3n, mask & 3n);
  } else setKnown(cube, field, value & mask, mask & fieldOf(field).full);
}

function setKnown(cube: Map<FieldName, Bits>, field: FieldName, value: bigint, mask: bigint): void {
  if (mask !== 0n) cube.set(field, { value: value & mask, mask, from: field });
}

/** An exact EtherType that is no tag's means: no tag. Without any (very old dumps) nothing is known. */
function tagOf(fields: readonly DatapathField[], tagged: boolean): Bits | undefined {
  if (!tagged) {
    const typed = fields.some(({ name, mask }) => isOuterType(name) && mask !== 0n);
    return typed ? { value: 0n, mask: fieldOf("vlan_tci").full, from: "vlan_tci" } : undefined;
  }
  let value = tagPresent;
  let mask = tagPresent;
  for (const { name, value: part, mask: known } of fields) {
    const shift = name === "vlan.vid" ? 0n : name === "vlan.pcp" ? 13n : undefined;
    if (shift !== undefined) {
      value |= (part & known) << shift;
      mask |= known << shift;
    } else if (name === "vlan.cfi" && known !== 0n && part === 0n) value &= ~tagPresent;
  }
  return { value, mask, from: "vlan_tci" };
}

/** Bits of `nw_frag` (ovs-fields(7)): a fragment, and not the first one. */
const anyFragment = 1n;
const laterFragment = 2n;

const portFields: readonly FieldName[] = [
  "tp_src",
  "tp_dst",
  "icmp_type",
  "icmp_code",
  "icmpv6_type",
  "icmpv6_code",
];

/**
 * What lookups see as zero: the ports of every fragment, of the first one too, and the TCP flags of later ones, which are
 * not there (fragment mode "normal", rule_dpif_lookup_from_table() of ofproto/ofproto-dpif.c).
 */
function hiddenBy(cube: Cube): readonly FieldName[] {
  const bits = cube.get("nw_frag");
  const known = bits === undefined ? 0n : bits.value & bits.mask;
  if ((known & laterFragment) !== 0n) return [...portFields, "tcp_flags"];
  return (known & anyFragment) !== 0n ? portFields : [];
}

function zero(field: FieldName): Bits {
  return { value: 0n, mask: fieldOf(field).full, from: field };
}
