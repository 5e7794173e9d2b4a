/** Frames in the two texts of Open vSwitch: a flow for `ofproto/trace`, a datapath flow for `netdev-dummy/receive`. */

import { printAddress } from "../net/address.js";
import { printMac } from "../net/mac.js";
import type { ArpBody, Frame, IpBody, Transport } from "../net/packet.js";

const etherTypes = { arp: 0x0806, 4: 0x0800, 6: 0x86dd } as const;

/** Protocols whose first bytes Open vSwitch reads as two ports. */
const portProtocols = new Map([
  [6, "tcp"],
  [17, "udp"],
  [132, "sctp"],
]);

/** Every field stated, as ovs-ofctl(8) writes a flow: `in_port=1,dl_src=…`. */
export function printTraceFrame(frame: Frame, inPort: number): string {
  return [
    `in_port=${inPort}`,
    `dl_src=${printMac(frame.source)}`,
    `dl_dst=${printMac(frame.destination)}`,
    ...(frame.vlan === undefined ? [] : [`dl_vlan=${frame.vlan & 0xfff}`]),
    ...traceBody(frame),
  ].join(",");
}

function traceBody({ body }: Frame): readonly string[] {
  if (body.kind === "other") return [`dl_type=${hex(body.etherType)}`];
  if (body.kind === "arp")
    return [
      "arp",
      `arp_op=${body.operation}`,
      `arp_spa=${printAddress(body.senderAddress)}`,
      `arp_tpa=${printAddress(body.targetAddress)}`,
      `arp_sha=${printMac(body.senderMac)}`,
      `arp_tha=${printMac(body.targetMac)}`,
    ];
  const family = body.source.family;
  return [
    `dl_type=${hex(etherTypes[family])}`,
    `nw_proto=${body.protocol}`,
    `nw_ttl=${body.timeToLive}`,
    `nw_tos=${body.typeOfService & 0xfc}`,
    `nw_ecn=${body.typeOfService & 3}`,
    `${family === 4 ? "nw" : "ipv6"}_src=${printAddress(body.source)}`,
    `${family === 4 ? "nw" : "ipv6"}_dst=${printAddress(body.destination)}`,
    ...(body.fragment === "no" ? [] : [`ip_frag=${body.fragment}`]),
    ...(body.transport === undefined ? [] : traceTransport(body, body.transport)),
  ];
}

function traceTransport(body: IpBody, transport: Transport): readonly string[] {
  if (transport.kind === "ports") {
    // `tp_src` means TCP's to ofproto/trace unless the protocol was given by its name
    const name = portProtocols.get(body.protocol);
    if (name === undefined) return [];
    const ports = [`${name}_src=${transport.source}`, `${name}_dst=${transport.destination}`];
    return name === "tcp" ? [...ports, `tcp_flags=${hex(transport.tcpFlags ?? 0)}`] : ports;
  }
  const prefix = body.source.family === 4 ? "icmp" : "icmpv6";
  const neighbour = transport.neighbour;
  return [
    `${prefix}_type=${transport.type}`,
    `${prefix}_code=${transport.code}`,
    ...(neighbour === undefined ? [] : [`nd_target=${printAddress(neighbour.target)}`]),
    ...(neighbour?.sourceLinkLayer === undefined
      ? []
      : [`nd_sll=${printMac(neighbour.sourceLinkLayer)}`]),
    ...(neighbour?.targetLinkLayer === undefined
      ? []
      : [`nd_tll=${printMac(neighbour.targetLinkLayer)}`]),
  ];
}

/**
 * As `dpctl/dump-flows` writes a flow; Open vSwitch composes the bytes from it, but for the fragment header of IPv6
 * (flow_compose() in lib/flow.c): such a frame arrives whole.
 */
export function printDatapathFrame(frame: Frame): string {
  // netdev-dummy/receive takes the port from its first argument, yet the flow must have one
  const head = `in_port(1),eth(src=${printMac(frame.source)},dst=${printMac(frame.destination)})`;
  const body = datapathBody(frame);
  if (frame.vlan === undefined) return `${head},${body}`;
  return `${head},eth_type(0x8100),vlan(vid=${frame.vlan & 0xfff},pcp=0),encap(${body})`;
}

function datapathBody({ body }: Frame): string {
  if (body.kind === "other") return `eth_type(${hex(body.etherType)})`;
  if (body.kind === "arp") return datapathArp(body);
  return `eth_type(${hex(etherTypes[body.source.family])}),${datapathIp(body)}`;
}

function datapathArp(body: ArpBody): string {
  const addresses = `sip=${printAddress(body.senderAddress)},tip=${printAddress(body.targetAddress)}`;
  const macs = `sha=${printMac(body.senderMac)},tha=${printMac(body.targetMac)}`;
  return `eth_type(${hex(etherTypes.arp)}),arp(${addresses},op=${body.operation},${macs})`;
}

function datapathIp(body: IpBody): string {
  const family = body.source.family;
  const addresses = `src=${printAddress(body.source)},dst=${printAddress(body.destination)}`;
  const rest =
    family === 4
      ? `proto=${body.protocol},tos=${hex(body.typeOfService)},ttl=${body.timeToLive}`
      : `label=0,proto=${body.protocol},tclass=${hex(body.typeOfService)},hlimit=${body.timeToLive}`;
  const ip = `ipv${family}(${addresses},${rest},frag=${body.fragment})`;
  const transport =
    body.transport === undefined || body.fragment === "later"
      ? []
      : datapathTransport(body, body.transport);
  return [ip, ...transport].join(",");
}

function datapathTransport(body: IpBody, transport: Transport): readonly string[] {
  if (transport.kind === "ports") {
    const name = portProtocols.get(body.protocol);
    if (name === undefined) return [];
    const ports = `${name}(src=${transport.source},dst=${transport.destination})`;
    return name === "tcp" ? [ports, `tcp_flags(${hex(transport.tcpFlags ?? 0)})`] : [ports];
  }
  const name = body.source.family === 4 ? "icmp" : "icmpv6";
  const icmp = `${name}(type=${transport.type},code=${transport.code})`;
  const neighbour = transport.neighbour;
  if (neighbour === undefined) return [icmp];
  const options = [
    `target=${printAddress(neighbour.target)}`,
    `sll=${printMac(neighbour.sourceLinkLayer ?? 0n)}`,
    `tll=${printMac(neighbour.targetLinkLayer ?? 0n)}`,
  ];
  return [icmp, `nd(${options.join(",")})`];
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(4, "0")}`;
}
