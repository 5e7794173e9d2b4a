/** What a field needs beside it in a match (ovs-fields(7), "Prerequisites"): without it OVS drops the field. */

import { etherTypes, type FieldName } from "./field.js";

export type Need =
  | "nothing"
  | "ip"
  | "ipv4"
  | "ipv6"
  | "arp"
  | "ports"
  | "tcp"
  | "icmp"
  | "icmpv6"
  | "solicitation"
  | "advertisement"
  | "neighbour";

const needs: { readonly [name in FieldName]?: Need } = {
  ipv6_src: "ipv6",
  ipv6_dst: "ipv6",
  ipv6_label: "ipv6",
  arp_spa: "arp",
  arp_tpa: "arp",
  nw_src: "ipv4",
  nw_dst: "ipv4",
  nw_proto: "ip",
  arp_op: "arp",
  arp_sha: "arp",
  arp_tha: "arp",
  nw_tos: "ip",
  nw_ecn: "ip",
  nw_ttl: "ip",
  nw_frag: "ip",
  icmp_type: "icmp",
  icmp_code: "icmp",
  icmpv6_type: "icmpv6",
  icmpv6_code: "icmpv6",
  nd_target: "neighbour",
  nd_sll: "solicitation",
  nd_tll: "advertisement",
  nd_reserved: "neighbour",
  nd_options_type: "neighbour",
  tp_src: "ports",
  tp_dst: "ports",
  tcp_flags: "tcp",
};

const ipv4Type = BigInt(etherTypes.ipv4);
export const ipv6Type = BigInt(etherTypes.ipv6);
const arpType = BigInt(etherTypes.arp);

export function isMet(need: Need, type: bigint, upper: bigint, icmpType: bigint): boolean {
  switch (need) {
    case "nothing":
      return true;
    case "ip":
      return type === ipv4Type || type === ipv6Type;
    case "ipv4":
      return type === ipv4Type;
    case "ipv6":
      return type === ipv6Type;
    case "arp":
      return type === arpType;
    case "ports":
      return upper === 6n || upper === 17n || upper === 132n;
    case "tcp":
      return upper === 6n;
    case "icmp":
      return type === ipv4Type && upper === 1n;
    case "icmpv6":
      return type === ipv6Type && upper === 58n;
    case "solicitation":
      return icmpType === 135n;
    case "advertisement":
      return icmpType === 136n;
    case "neighbour":
      return icmpType === 135n || icmpType === 136n;
  }
}

export function needOf(field: FieldName): Need {
  return needs[field] ?? "nothing";
}
