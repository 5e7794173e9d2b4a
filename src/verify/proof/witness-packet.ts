/** One packet out of a set: near to what a real one looks like where the set leaves a choice, else with small values. */

import { type FieldName, fieldsInOrder } from "../../openflow/field.js";
import type { PacketFields } from "../../openflow/packet-fields.js";
import { type Diagrams, everything, isTerminal, type Node, nothing } from "./diagram.js";
import { headerBits } from "./header-bits.js";
import { constantsOf, isOpen, type PacketKindName } from "./packet-kind.js";

/** What open bits should be, if the set lets them. */
export type Wishes = ReadonlyMap<FieldName, bigint>;

const usual: Wishes = new Map([
  ["nw_ttl", 64n],
  // of protocol 0, or operation 0, Open vSwitch sends the header as it came, whatever was written (lib/odp-util.c)
  ["nw_proto", 17n],
  ["arp_op", 1n],
  ["dl_type", 0x88ccn],
]);

/** The set must not be empty. */
export function pickPacket(
  diagrams: Diagrams,
  packets: Node,
  kind: PacketKindName,
  wishes: Wishes,
): PacketFields {
  const bits = new Map<FieldName, bigint>();
  const wished = (name: FieldName) => wishes.get(name) ?? usual.get(name) ?? 0n;
  for (const { name, index, full } of fieldsInOrder) {
    const constant = constantsOf(kind).get(index);
    if (constant !== undefined) bits.set(name, constant);
    else if (isOpen(kind, name)) bits.set(name, wished(name) & full);
  }
  let node = packets;
  while (!isTerminal(node)) {
    const { field, bit } = headerBits[diagrams.levelOf(node)] as { field: number; bit: number };
    const name = fieldsInOrder[field]?.name as FieldName;
    const at = 1n << BigInt(bit);
    const before = bits.get(name) ?? 0n;
    const [low, high] = [diagrams.lowOf(node), diagrams.highOf(node)];
    const isSet = (before & at) !== 0n ? high !== nothing : low === nothing;
    bits.set(name, isSet ? before | at : before & ~at);
    node = isSet ? high : low;
  }
  if (node !== everything) throw new Error("an empty set has no packet to show");
  return new Map([...bits].filter(([, value]) => value !== 0n));
}
