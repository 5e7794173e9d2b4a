/** One packet out of a cube: what a person can send, and what the policy is asked about. */

import type { Family } from "../net/address.js";
import type { IpBody, Transport } from "../net/packet.js";
import { hasPorts, protocol } from "../net/protocol.js";
import { etherTypes, type FieldName, fieldOf, fieldsInOrder } from "../openflow/field.js";
import type { FieldMatch, Match } from "../openflow/match.js";
import { printMatch } from "../openflow/print.js";
import { bitsOf, type Cube, isScratch } from "./cube.js";

/** Values for bits that the cube leaves open. */
export type Wishes = ReadonlyMap<FieldName, bigint>;

export interface Witness {
  readonly value: (field: FieldName) => bigint;
  /** As `ofproto/trace` takes it. */
  readonly text: string;
  /** Undefined for what is not IP. */
  readonly ip?: IpBody;
}

export function witnessOf(cube: Cube, inPort: string, wishes: Wishes): Witness {
  const value = (field: FieldName): bigint => {
    const { value: known, mask } = bitsOf(cube, field);
    const { full } = fieldOf(field);
    return known | ((wishes.get(field) ?? 0n) & full & ~mask);
  };
  const type = Number(value("dl_type"));
  const text = printMatch(matchOf(cube, wishes, inPort, type, Number(value("nw_proto")), value));
  if (type !== etherTypes.ipv4 && type !== etherTypes.ipv6) return { value, text };
  return { value, text, ip: ipOf(type === etherTypes.ipv4 ? 4 : 6, value) };
}

function ipOf(family: Family, value: (field: FieldName) => bigint): IpBody {
  const number = Number(value("nw_proto"));
  const fragments = Number(value("nw_frag"));
  const fragment = fragments === 0 ? "no" : fragments === 1 ? "first" : "later";
  const transport = fragment === "later" ? undefined : transportOf(family, number, value);
  return {
    kind: "ip",
    source: { family, value: value(family === 4 ? "nw_src" : "ipv6_src") },
    destination: { family, value: value(family === 4 ? "nw_dst" : "ipv6_dst") },
    protocol: number,
    fragment,
    timeToLive: Number(value("nw_ttl")),
    typeOfService: Number(value("nw_tos") | value("nw_ecn")),
    ...(transport === undefined ? {} : { transport }),
  };
}

function transportOf(
  family: Family,
  number: number,
  value: (field: FieldName) => bigint,
): Transport | undefined {
  if (hasPorts(number)) {
    const flags = number === protocol.tcp ? { tcpFlags: Number(value("tcp_flags")) } : {};
    return {
      kind: "ports",
      source: Number(value("tp_src")),
      destination: Number(value("tp_dst")),
      ...flags,
    };
  }
  if (number === (family === 4 ? protocol.icmp : protocol.icmpv6)) {
    const [type, code] = family === 4 ? icmpFields : icmpv6Fields;
    return { kind: "icmp", type: Number(value(type)), code: Number(value(code)) };
  }
  return undefined;
}

const icmpFields = ["icmp_type", "icmp_code"] as const;
const icmpv6Fields = ["icmpv6_type", "icmpv6_code"] as const;

/** Only fields the packet has: a field without its EtherType or protocol would be no match at all. */
function matchOf(
  cube: Cube,
  wishes: Wishes,
  inPort: string,
  type: number,
  number: number,
  value: (field: FieldName) => bigint,
): Match {
  const fields: FieldMatch[] = [];
  for (const { name, full } of fieldsInOrder) {
    if (isScratch(name) || !isPresent(name, type, number)) continue;
    const { mask } = bitsOf(cube, name);
    if (name === "vlan_tci") {
      // the tag's presence bit alone says "no tag"
      const tagged = (value(name) & 0x1000n) !== 0n;
      if ((mask & 0x1000n) !== 0n)
        fields.push({ field: name, value: value(name), mask: tagged ? full : 0x1000n });
    } else if (mask !== 0n || wishes.has(name))
      fields.push({ field: name, value: value(name), mask: full });
  }
  return { inPort, fields };
}

function isPresent(field: FieldName, type: number, number: number): boolean {
  const ip = type === etherTypes.ipv4 || type === etherTypes.ipv6;
  if (field.startsWith("arp_")) return type === etherTypes.arp;
  if (field.startsWith("ipv6_")) return type === etherTypes.ipv6;
  if (field === "nw_src" || field === "nw_dst") return type === etherTypes.ipv4;
  if (field.startsWith("nw_")) return ip;
  if (field.startsWith("tp_")) return ip && hasPorts(number);
  if (field === "tcp_flags") return ip && number === protocol.tcp;
  if (field.startsWith("icmpv6_")) return type === etherTypes.ipv6 && number === protocol.icmpv6;
  if (field.startsWith("icmp_")) return type === etherTypes.ipv4 && number === protocol.icmp;
  if (field.startsWith("nd_")) return false;
  return true;
}
