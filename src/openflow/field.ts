/** The header fields and registers that railfence reads and writes, as ovs-fields(7) describes them. */

/** How a value prints: see ovs-fields(7), "Format". */
export type FieldFormat =
  | "decimal"
  | "hexadecimal"
  | "ethernet"
  | "ipv4"
  | "ipv6"
  | "flags"
  | "fragment";

export interface Field {
  readonly name: FieldName;
  /** Its bits as a mask: what an exact match compares. */
  readonly full: bigint;
  readonly format: FieldFormat;
  /** What `set_field` calls it, where OpenFlow 1.2 and later have another name than the match. */
  readonly setName: string;
  /** What `move` and `load` call it, without the brackets. */
  readonly nxmName?: string;
  /** Place in `fieldsInOrder`. */
  readonly index: number;
}

export type RegisterName =
  `reg${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15}`;

export type FieldName =
  | "conj_id"
  | RegisterName
  | "metadata"
  | "vlan_tci"
  | "dl_src"
  | "dl_dst"
  | "dl_type"
  | "ipv6_src"
  | "ipv6_dst"
  | "ipv6_label"
  | "arp_spa"
  | "arp_tpa"
  | "nw_src"
  | "nw_dst"
  | "nw_proto"
  | "arp_op"
  | "arp_sha"
  | "arp_tha"
  | "nw_tos"
  | "nw_ecn"
  | "nw_ttl"
  | "nw_frag"
  | "icmp_type"
  | "icmp_code"
  | "icmpv6_type"
  | "icmpv6_code"
  | "nd_target"
  | "nd_sll"
  | "nd_tll"
  | "nd_reserved"
  | "nd_options_type"
  | "tp_src"
  | "tp_dst"
  | "tcp_flags";

/** The largest register number: OVS has 16 (32 from 3.7), and 3.1 is what Debian 12 ships. */
export const lastRegister = 15;

type Row = readonly [
  name: FieldName,
  bits: number,
  format: FieldFormat,
  nxm?: string,
  setName?: string,
];

const registers: Row[] = Array.from(
  { length: lastRegister + 1 },
  (_, index) => [`reg${index}` as RegisterName, 32, "hexadecimal", `NXM_NX_REG${index}`] as const,
);

// In the order in which OVS prints a match (match_format() in lib/match.c), `in_port` standing before `vlan_tci`.
const rows: readonly Row[] = [
  // zero but in the second lookup of a conjunctive match
  ["conj_id", 32, "decimal"],
  ...registers,
  ["metadata", 64, "hexadecimal", "OXM_OF_METADATA"],
  ["vlan_tci", 16, "hexadecimal", "NXM_OF_VLAN_TCI"],
  ["dl_src", 48, "ethernet", "NXM_OF_ETH_SRC", "eth_src"],
  ["dl_dst", 48, "ethernet", "NXM_OF_ETH_DST", "eth_dst"],
  ["dl_type", 16, "hexadecimal", "NXM_OF_ETH_TYPE", "eth_type"],
  ["ipv6_src", 128, "ipv6", "NXM_NX_IPV6_SRC"],
  ["ipv6_dst", 128, "ipv6", "NXM_NX_IPV6_DST"],
  ["ipv6_label", 20, "hexadecimal", "NXM_NX_IPV6_LABEL"],
  ["arp_spa", 32, "ipv4", "NXM_OF_ARP_SPA"],
  ["arp_tpa", 32, "ipv4", "NXM_OF_ARP_TPA"],
  ["nw_src", 32, "ipv4", "NXM_OF_IP_SRC", "ip_src"],
  ["nw_dst", 32, "ipv4", "NXM_OF_IP_DST", "ip_dst"],
  ["nw_proto", 8, "decimal", "NXM_OF_IP_PROTO"],
  // 8 bits in OVS: it reads `arp_op=300` as 44, and gives a packet with a larger one 0
  ["arp_op", 8, "decimal", "NXM_OF_ARP_OP"],
  ["arp_sha", 48, "ethernet", "NXM_NX_ARP_SHA"],
  ["arp_tha", 48, "ethernet", "NXM_NX_ARP_THA"],
  ["nw_tos", 8, "decimal", "NXM_OF_IP_TOS"],
  ["nw_ecn", 2, "decimal", "NXM_NX_IP_ECN"],
  ["nw_ttl", 8, "decimal", "NXM_NX_IP_TTL"],
  ["nw_frag", 2, "fragment", "NXM_NX_IP_FRAG", "ip_frag"],
  ["icmp_type", 8, "decimal", "NXM_OF_ICMP_TYPE"],
  ["icmp_code", 8, "decimal", "NXM_OF_ICMP_CODE"],
  ["icmpv6_type", 8, "decimal", "NXM_NX_ICMPV6_TYPE"],
  ["icmpv6_code", 8, "decimal", "NXM_NX_ICMPV6_CODE"],
  ["nd_target", 128, "ipv6", "NXM_NX_ND_TARGET"],
  ["nd_sll", 48, "ethernet", "NXM_NX_ND_SLL"],
  ["nd_tll", 48, "ethernet", "NXM_NX_ND_TLL"],
  ["nd_reserved", 32, "decimal"],
  ["nd_options_type", 8, "decimal"],
  ["tp_src", 16, "decimal"],
  ["tp_dst", 16, "decimal"],
  ["tcp_flags", 12, "flags", "NXM_NX_TCP_FLAGS"],
];

export const fieldsInOrder: readonly Field[] = rows.map(
  ([name, bits, format, nxmName, setName], index) => ({
    name,
    // the lower two bits of the TOS byte are `nw_ecn`
    full: name === "nw_tos" ? 0xfcn : (1n << BigInt(bits)) - 1n,
    format,
    setName: setName ?? name,
    ...(nxmName === undefined ? {} : { nxmName }),
    index,
  }),
);

const byName: ReadonlyMap<string, Field> = new Map(
  fieldsInOrder.map((field) => [field.name, field]),
);

export function fieldOf(name: FieldName): Field {
  return byName.get(name) as Field;
}

/** The field of that match key or nothing; aliases are the reader's. */
export function findField(name: string): Field | undefined {
  return byName.get(name);
}

export function registerName(index: number): RegisterName {
  if (!Number.isInteger(index) || index < 0 || index > lastRegister)
    throw new Error(`there is no register ${index}`);
  return `reg${index}` as RegisterName;
}

/** Bits of `nw_frag` (ovs-fields(7), "IPv4/v6 Fragment Bitmask"): a later fragment has both. */
export const fragmentBits = { any: 1n, later: 2n } as const;

export type FragmentName = "no" | "yes" | "first" | "later" | "not_later";

/** Written with the fewest bits: a packet's value is 0, 1 or 3. */
export const fragmentMatches: Readonly<
  Record<FragmentName, { readonly value: bigint; readonly mask: bigint }>
> = {
  no: { value: 0n, mask: 1n },
  yes: { value: 1n, mask: 1n },
  first: { value: 1n, mask: 3n },
  later: { value: 2n, mask: 2n },
  not_later: { value: 0n, mask: 2n },
};

/** EtherTypes (IEEE 802 numbers, IANA). */
export const etherTypes = { ipv4: 0x0800, arp: 0x0806, rarp: 0x8035, ipv6: 0x86dd } as const;
