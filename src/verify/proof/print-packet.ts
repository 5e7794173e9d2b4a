/**
 * A packet as `ofproto/trace` takes it. That is stricter than a match: it wants `udp_src` where a flow may say `tp_src`,
 * and `icmpv6_type` where a flow says `icmp_type` (parse_ofp_exact_flow() in lib/ofp-parse.c; seen in 3.1.0).
 */

import { hasPorts, protocol } from "../../net/protocol.js";
import { etherTypes, type FieldName, fieldsInOrder, fragmentBits } from "../../openflow/field.js";
import { localPort, type Port } from "../../openflow/match.js";
import type { PacketFields } from "../../openflow/packet-fields.js";
import { printExact } from "../../openflow/print-value.js";

export function printPacket(fields: PacketFields, inPort: Port | undefined): string {
  const value = (name: FieldName) => fields.get(name) ?? 0n;
  const type = Number(value("dl_type"));
  const upper = Number(value("nw_proto"));
  const layer = layerOf(type, upper);
  const parts: string[] = layer === undefined ? [] : [layer.name];
  if (inPort !== undefined) parts.push(`in_port=${inPort === localPort ? "LOCAL" : inPort}`);
  for (const field of fieldsInOrder) {
    const { name } = field;
    if (name === "dl_type" && layer !== undefined) continue;
    if (name === "nw_proto" && layer?.saysProtocol === true) continue;
    if (!isShown(name, value(name), type, transportOf(value("nw_frag"), upper))) continue;
    if (name === "vlan_tci") parts.push(...tagOf(value(name)));
    else if (name === "nw_frag") parts.push(`ip_frag=${fragmentWord(value(name))}`);
    else parts.push(`${traceName(name, upper)}=${printExact(field, value(name))}`);
  }
  return parts.join(",");
}

interface Layer {
  readonly name: string;
  readonly saysProtocol: boolean;
}

const words = new Map<number, string>([
  [protocol.tcp, "tcp"],
  [protocol.udp, "udp"],
  [protocol.sctp, "sctp"],
]);

function layerOf(type: number, upper: number): Layer | undefined {
  if (type === etherTypes.arp) return { name: "arp", saysProtocol: true };
  if (!isInternet(type)) return undefined;
  const four = type === etherTypes.ipv4;
  const word = words.get(upper);
  if (word !== undefined) return { name: four ? word : `${word}6`, saysProtocol: true };
  if (four && upper === protocol.icmp) return { name: "icmp", saysProtocol: true };
  if (!four && upper === protocol.icmpv6) return { name: "icmp6", saysProtocol: true };
  return { name: four ? "ip" : "ipv6", saysProtocol: false };
}

function isInternet(type: number): boolean {
  return type === etherTypes.ipv4 || type === etherTypes.ipv6;
}

function traceName(name: FieldName, upper: number): string {
  switch (name) {
    case "tp_src":
      return `${words.get(upper) ?? "tp"}_src`;
    case "tp_dst":
      return `${words.get(upper) ?? "tp"}_dst`;
    default:
      return name;
  }
}

/** A word, for a number is refused (mf_from_frag_string() in lib/meta-flow.c). */
function fragmentWord(value: bigint): string {
  return (value & fragmentBits.later) === 0n ? "first" : "later";
}

/** Whose header follows: nobody's in a later fragment, of which `ofproto/trace` takes no ports. */
function transportOf(fragment: bigint, upper: number): number | undefined {
  return (fragment & fragmentBits.later) === 0n ? upper : undefined;
}

// 15    13  12  11           0
// |  pcp  | tag | VLAN id    |
function tagOf(value: bigint): string[] {
  const priority = value >> 13n;
  return [`dl_vlan=${value & 0xfffn}`, ...(priority === 0n ? [] : [`dl_vlan_pcp=${priority}`])];
}

/** What the packet has, also where it is zero. */
function isShown(
  name: FieldName,
  value: bigint,
  type: number,
  transport: number | undefined,
): boolean {
  switch (name) {
    case "dl_src":
    case "dl_dst":
    case "dl_type":
      return true;
    case "nw_proto":
      return isInternet(type);
    case "nw_src":
    case "nw_dst":
      return type === etherTypes.ipv4;
    case "ipv6_src":
    case "ipv6_dst":
      return type === etherTypes.ipv6;
    case "arp_spa":
    case "arp_tpa":
    case "arp_op":
      return type === etherTypes.arp;
    case "tp_src":
    case "tp_dst":
      return isInternet(type) && transport !== undefined && hasPorts(transport);
    case "icmp_type":
    case "icmp_code":
      return type === etherTypes.ipv4 && transport === protocol.icmp;
    case "icmpv6_type":
    case "icmpv6_code":
      return type === etherTypes.ipv6 && transport === protocol.icmpv6;
    default:
      return value !== 0n;
  }
}
