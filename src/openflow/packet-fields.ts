/** Frames as the fields that Open vSwitch extracts from them (flow_extract() in lib/flow.c), and back. */

import type { Address, Family } from "../net/address.js";
import type { Body, Frame, IpBody, Transport } from "../net/packet.js";
import { hasPorts, neighbourDiscovery, protocol } from "../net/protocol.js";
import { etherTypes, type FieldName, fragmentBits } from "./field.js";

/** What is absent is zero: Open vSwitch cannot tell the two apart. */
export type PacketFields = ReadonlyMap<FieldName, bigint>;

// 15    13  12  11           0
// |  pcp  | tag | VLAN id    |
const tagBit = 0x1000n;

export function fieldsOf(frame: Frame): PacketFields {
  const fields = new Map<FieldName, bigint>([
    ["dl_src", frame.source],
    ["dl_dst", frame.destination],
    ["vlan_tci", frame.vlan === undefined ? 0n : tagBit | BigInt(frame.vlan & 0xfff)],
  ]);
  addBody(fields, frame.body);
  return fields;
}

function addBody(fields: Map<FieldName, bigint>, body: Body): void {
  switch (body.kind) {
    case "other":
      fields.set("dl_type", BigInt(body.etherType));
      return;
    case "arp":
      fields.set("dl_type", BigInt(etherTypes.arp));
      // OVS keeps eight bits of the operation, and none of a larger one
      fields.set("arp_op", body.operation > 0xff ? 0n : BigInt(body.operation));
      fields.set("arp_spa", body.senderAddress.value);
      fields.set("arp_tpa", body.targetAddress.value);
      fields.set("arp_sha", body.senderMac);
      fields.set("arp_tha", body.targetMac);
      return;
    case "ip":
      addIp(fields, body);
  }
}

function addIp(fields: Map<FieldName, bigint>, body: IpBody): void {
  const four = body.source.family === 4;
  fields.set("dl_type", BigInt(four ? etherTypes.ipv4 : etherTypes.ipv6));
  fields.set(four ? "nw_src" : "ipv6_src", body.source.value);
  fields.set(four ? "nw_dst" : "ipv6_dst", body.destination.value);
  fields.set("nw_proto", BigInt(body.protocol));
  fields.set("nw_tos", BigInt(body.typeOfService & 0xfc));
  fields.set("nw_ecn", BigInt(body.typeOfService & 3));
  fields.set("nw_ttl", BigInt(body.timeToLive));
  fields.set("nw_frag", fragmentValue[body.fragment]);
  // a later fragment has no transport header; what lookups see of a first one's is evaluate.ts's business
  if (body.transport !== undefined && body.fragment !== "later")
    addTransport(fields, body, body.transport);
}

const fragmentValue: Readonly<Record<IpBody["fragment"], bigint>> = {
  no: 0n,
  first: fragmentBits.any,
  later: fragmentBits.any | fragmentBits.later,
};

function addTransport(fields: Map<FieldName, bigint>, body: IpBody, transport: Transport): void {
  if (transport.kind === "ports") {
    if (!hasPorts(body.protocol)) return;
    fields.set("tp_src", BigInt(transport.source));
    fields.set("tp_dst", BigInt(transport.destination));
    if (body.protocol === protocol.tcp) fields.set("tcp_flags", BigInt(transport.tcpFlags ?? 0));
    return;
  }
  if (body.source.family === 4) {
    if (body.protocol !== protocol.icmp) return;
    fields.set("icmp_type", BigInt(transport.type));
    fields.set("icmp_code", BigInt(transport.code));
    return;
  }
  if (body.protocol !== protocol.icmpv6) return;
  fields.set("icmpv6_type", BigInt(transport.type));
  fields.set("icmpv6_code", BigInt(transport.code));
  if (transport.neighbour === undefined || !hasNeighbour(transport.type, transport.code)) return;
  fields.set("nd_target", transport.neighbour.target.value);
  fields.set("nd_sll", transport.neighbour.sourceLinkLayer ?? 0n);
  fields.set("nd_tll", transport.neighbour.targetLinkLayer ?? 0n);
}

/** Open vSwitch looks into solicitations and advertisements with code 0 only (parse_icmpv6() in lib/flow.c). */
function hasNeighbour(type: number, code: number): boolean {
  return (
    code === 0 &&
    (type === neighbourDiscovery.neighbourSolicitation ||
      type === neighbourDiscovery.neighbourAdvertisement)
  );
}

export function frameOf(fields: PacketFields): Frame {
  const tag = read(fields, "vlan_tci");
  return {
    source: read(fields, "dl_src"),
    destination: read(fields, "dl_dst"),
    ...((tag & tagBit) === 0n ? {} : { vlan: Number(tag & 0xfffn) }),
    body: bodyOf(fields),
  };
}

function bodyOf(fields: PacketFields): Body {
  const etherType = readNumber(fields, "dl_type");
  const address = (name: FieldName): Address => ({ family: 4, value: read(fields, name) });
  if (etherType === etherTypes.ipv4) return ipOf(fields, 4);
  if (etherType === etherTypes.ipv6) return ipOf(fields, 6);
  if (etherType !== etherTypes.arp) return { kind: "other", etherType };
  return {
    kind: "arp",
    operation: readNumber(fields, "arp_op"),
    senderMac: read(fields, "arp_sha"),
    senderAddress: address("arp_spa"),
    targetMac: read(fields, "arp_tha"),
    targetAddress: address("arp_tpa"),
  };
}

function ipOf(fields: PacketFields, family: Family): IpBody {
  const bits = read(fields, "nw_frag");
  const fragment =
    (bits & fragmentBits.any) === 0n
      ? "no"
      : (bits & fragmentBits.later) === 0n
        ? "first"
        : "later";
  const upper = readNumber(fields, "nw_proto");
  const transport = fragment === "later" ? undefined : transportOf(fields, family, upper);
  return {
    kind: "ip",
    source: { family, value: read(fields, family === 4 ? "nw_src" : "ipv6_src") },
    destination: { family, value: read(fields, family === 4 ? "nw_dst" : "ipv6_dst") },
    protocol: upper,
    fragment,
    timeToLive: readNumber(fields, "nw_ttl"),
    typeOfService: readNumber(fields, "nw_tos") | readNumber(fields, "nw_ecn"),
    ...(transport === undefined ? {} : { transport }),
  };
}

function transportOf(fields: PacketFields, family: Family, upper: number): Transport | undefined {
  if (hasPorts(upper))
    return {
      kind: "ports",
      source: readNumber(fields, "tp_src"),
      destination: readNumber(fields, "tp_dst"),
      ...(upper === protocol.tcp ? { tcpFlags: readNumber(fields, "tcp_flags") } : {}),
    };
  if (upper !== (family === 4 ? protocol.icmp : protocol.icmpv6)) return undefined;
  const type = readNumber(fields, family === 4 ? "icmp_type" : "icmpv6_type");
  const code = readNumber(fields, family === 4 ? "icmp_code" : "icmpv6_code");
  if (family === 4 || !hasNeighbour(type, code)) return { kind: "icmp", type, code };
  const source = read(fields, "nd_sll");
  const target = read(fields, "nd_tll");
  return {
    kind: "icmp",
    type,
    code,
    neighbour: {
      target: { family: 6, value: read(fields, "nd_target") },
      ...(source === 0n ? {} : { sourceLinkLayer: source }),
      ...(target === 0n ? {} : { targetLinkLayer: target }),
    },
  };
}

function read(fields: PacketFields, name: FieldName): bigint {
  return fields.get(name) ?? 0n;
}

function readNumber(fields: PacketFields, name: FieldName): number {
  return Number(read(fields, name));
}
