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
  readonly bits: number;
  readonly format: FieldFormat;
}

export type FieldName =
  | `reg${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15}`
  | "metadata"
  | "dl_src"
  | "dl_dst"
  | "dl_type"
  | "vlan_tci"
  | "dl_vlan"
  | "dl_vlan_pcp"
  | "nw_src"
  | "nw_dst"
  | "nw_proto"
  | "nw_tos"
  | "nw_ecn"
  | "nw_ttl"
  | "ip_frag"
  | "arp_op"
  | "arp_spa"
  | "arp_tpa"
  | "arp_sha"
  | "arp_tha"
  | "ipv6_src"
  | "ipv6_dst"
  | "ipv6_label"
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
