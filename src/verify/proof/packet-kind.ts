/**
 * Packets in kinds that share no header: each is proved by itself, with what they have in common as constants. So a
 * solicitation's target is never asked for among the bits of a datagram, and a field that a packet has not is zero, as
 * it is to Open vSwitch.
 */

import { protocol } from "../../net/protocol.js";
import { etherTypes, type FieldName, fieldsInOrder } from "../../openflow/field.js";
import type { Node } from "./diagram.js";
import type { HeaderSets } from "./header-sets.js";

export type PacketKindName = "ipv4" | "ipv6" | "arp" | "solicitation" | "advertisement" | "other";

export const packetKinds: readonly PacketKindName[] = [
  "ipv4",
  "ipv6",
  "arp",
  "solicitation",
  "advertisement",
  "other",
];

const ethernet: readonly FieldName[] = ["vlan_tci", "dl_src", "dl_dst"];
const internet: readonly FieldName[] = [
  ...["nw_proto", "nw_tos", "nw_ecn", "nw_ttl", "nw_frag"],
  ...["tp_src", "tp_dst", "tcp_flags"],
] as readonly FieldName[];
const neighbour: readonly FieldName[] = [
  ...["ipv6_src", "ipv6_dst", "ipv6_label", "nw_tos", "nw_ecn", "nw_ttl"],
  ...["nd_target", "nd_sll", "nd_tll", "nd_reserved", "nd_options_type"],
] as readonly FieldName[];

/** Fields that can be anything in packets of the kind, within `carePackets`. */
const openFields: Readonly<Record<PacketKindName, readonly FieldName[]>> = {
  ipv4: [...ethernet, ...internet, "nw_src", "nw_dst", "icmp_type", "icmp_code"],
  ipv6: [
    ...ethernet,
    ...internet,
    ...(["ipv6_src", "ipv6_dst", "ipv6_label", "icmpv6_type", "icmpv6_code"] as const),
  ],
  arp: [...ethernet, "arp_op", "arp_spa", "arp_tpa", "arp_sha", "arp_tha"],
  solicitation: [...ethernet, ...neighbour],
  advertisement: [...ethernet, ...neighbour],
  other: [...ethernet, "dl_type"],
};

const set: Readonly<Record<PacketKindName, Partial<Record<FieldName, bigint>>>> = {
  ipv4: { dl_type: BigInt(etherTypes.ipv4) },
  ipv6: { dl_type: BigInt(etherTypes.ipv6) },
  arp: { dl_type: BigInt(etherTypes.arp) },
  solicitation: {
    dl_type: BigInt(etherTypes.ipv6),
    nw_proto: BigInt(protocol.icmpv6),
    icmpv6_type: 135n,
  },
  advertisement: {
    dl_type: BigInt(etherTypes.ipv6),
    nw_proto: BigInt(protocol.icmpv6),
    icmpv6_type: 136n,
  },
  other: {},
};

/** Every field that is the same in all packets of the kind: given, or absent and so zero. */
export function constantsOf(kind: PacketKindName): ReadonlyMap<number, bigint> {
  const open = new Set(openFields[kind]);
  const constants = new Map<number, bigint>();
  for (const { name, index } of fieldsInOrder)
    if (!open.has(name)) constants.set(index, set[kind][name] ?? 0n);
  return constants;
}

/** The values of the open fields that some packet of the kind has (flow_extract() in lib/flow.c). */
export function carePackets(sets: HeaderSets, kind: PacketKindName): Node {
  const { operations } = sets;
  const untagged = sets.equal("vlan_tci", 0n);
  const tag = operations.or(untagged, sets.masked("vlan_tci", 0x1000n, 0x1000n));
  return operations.and(tag, bodies(sets, kind));
}

function bodies(sets: HeaderSets, kind: PacketKindName): Node {
  const { operations } = sets;
  switch (kind) {
    case "ipv4":
      return internetPackets(sets, "icmp_type", "icmp_code", protocol.icmp);
    case "ipv6":
      return operations.without(
        internetPackets(sets, "icmpv6_type", "icmpv6_code", protocol.icmpv6),
        sets.allOf(
          sets.equal("nw_frag", 0n),
          sets.equal("nw_proto", BigInt(protocol.icmpv6)),
          sets.masked("icmpv6_code", 0n, 0xffn),
          sets.oneOf("icmpv6_type", [135n, 136n]),
        ),
      );
    case "other":
      // below 0x600 it is a length (IEEE 802.3), for which OVS has one number
      return operations.without(
        operations.not(
          sets.oneOf(
            "dl_type",
            [etherTypes.ipv4, etherTypes.ipv6, etherTypes.arp].map((type) => BigInt(type)),
          ),
        ),
        operations.without(sets.below("dl_type", 0x600n), sets.equal("dl_type", 0x5ffn)),
      );
    case "arp":
    case "solicitation":
    case "advertisement":
      return sets.everything;
  }
}

/** Ports, flags, type and code only where the protocol has them, and none in a later fragment. */
function internetPackets(sets: HeaderSets, type: FieldName, code: FieldName, icmp: number): Node {
  const { operations } = sets;
  const zero = (...fields: FieldName[]) => sets.allOf(...fields.map((one) => sets.equal(one, 0n)));
  const noPorts = zero("tp_src", "tp_dst");
  const noFlags = zero("tcp_flags");
  const noType = zero(type, code);
  const isProtocol = (...numbers: number[]) =>
    sets.oneOf(
      "nw_proto",
      numbers.map((one) => BigInt(one)),
    );
  const withHeader = sets.allOf(
    operations.or(isProtocol(protocol.tcp, protocol.udp, protocol.sctp), noPorts),
    operations.or(isProtocol(protocol.tcp), noFlags),
    operations.or(isProtocol(icmp), noType),
  );
  const later = sets.allOf(sets.equal("nw_frag", 3n), noPorts, noFlags, noType);
  const first = operations.and(sets.oneOf("nw_frag", [0n, 1n]), withHeader);
  return operations.or(later, first);
}

/** The field's place, for those that a kind's walk asks about. */
export function isOpen(kind: PacketKindName, field: FieldName): boolean {
  return openFields[kind].includes(field);
}
