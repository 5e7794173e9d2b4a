/** Packets and megaflows as `ofproto/trace` takes and prints them, and as one number each. */

/** In the order in which tables look at them, so that packets part as a lookup does; fields that share a place are one. */
const fields = [
  ["tag", 16],
  ["destination", 32],
  ["ethernetSource", 48],
  ["ethernetDestination", 48],
  ["senderMac", 48],
  ["source", 32],
  ["targetMac", 48],
  ["operation", 8],
  ["protocol", 8],
  ["flags", 12],
  ["second", 16],
  ["first", 16],
] as const;

type Name = (typeof fields)[number][0];
export type Values = { readonly [name in Name]?: bigint };

export interface Kind {
  readonly etherType: number;
  readonly fragment?: "no" | "first" | "later";
  readonly isTagged: boolean;
  /** Of the protocol's ports or type and code. */
  readonly upper?: "tcp" | "ports" | "icmp";
}

const downs = new Map<Name, bigint>();
let down = 0n;
for (const [name, width] of fields.toReversed()) {
  downs.set(name, down);
  down += BigInt(width);
}

export function pack(values: Values): bigint {
  let packed = 0n;
  for (const [name] of fields) packed |= (values[name] ?? 0n) << (downs.get(name) as bigint);
  return packed;
}

export const all = (bits: number) => (1n << BigInt(bits)) - 1n;

/** As `ofproto/trace` takes it. */
export function printPacket(kind: Kind, packet: bigint): string {
  const of = (name: Name) => (packet >> (downs.get(name) as bigint)) & all(widthOf(name));
  const parts = [
    `dl_src=${printMac(of("ethernetSource"))},dl_dst=${printMac(of("ethernetDestination"))}`,
    ...(kind.isTagged ? [`vlan_tci=0x${of("tag").toString(16)}`] : []),
    `dl_type=0x${kind.etherType.toString(16)}`,
  ];
  if (kind.etherType === 0x0806)
    parts.push(
      `arp_op=${of("operation")},arp_spa=${printAddress(of("source"))},arp_tpa=${printAddress(of("destination"))}`,
      `arp_sha=${printMac(of("senderMac"))},arp_tha=${printMac(of("targetMac"))}`,
    );
  else {
    parts.push(`nw_frag=${kind.fragment}`, `nw_proto=${of("protocol")}`);
    if (kind.etherType === 0x0800)
      parts.push(`nw_src=${printAddress(of("source"))},nw_dst=${printAddress(of("destination"))}`);
  }
  if (kind.upper === "icmp") parts.push(`icmp_type=${of("first")},icmp_code=${of("second")}`);
  else if (kind.upper !== undefined) {
    const name = ({ 6: "tcp", 17: "udp", 132: "sctp" } as const)[Number(of("protocol")) as 6];
    parts.push(`${name}_src=${of("first")},${name}_dst=${of("second")}`);
  }
  if (kind.upper === "tcp") parts.push(`tcp_flags=0x${of("flags").toString(16)}`);
  return parts.join();
}

const nameOf: { readonly [name: string]: Name } = {
  ...{
    vlan_tci: "tag",
    arp_op: "operation",
    dl_dst: "ethernetDestination",
    dl_src: "ethernetSource",
  },
  ...{ arp_tha: "targetMac", arp_sha: "senderMac", arp_tpa: "destination", arp_spa: "source" },
  ...{ nw_dst: "destination", nw_src: "source", nw_proto: "protocol", tcp_flags: "flags" },
  ...{ tp_dst: "second", icmp_code: "second", tp_src: "first", icmp_type: "first" },
};

/** Words that stand for a protocol (match_format() in lib/match.c). */
const protocols = new Set(["tcp", "udp", "sctp", "icmp"]);

/** Of `Megaflow: recirc_id=0,eth,ip,in_port=1,nw_dst=10.1.0.0/16,nw_frag=no`. */
export function maskOf(text: string, { isTagged, upper }: Kind): Values {
  const line = /^Megaflow: (.*)$/m.exec(text)?.[1];
  if (line === undefined) throw new Error(text);
  const mask: { [name in Name]?: bigint } = {};
  for (const part of line.split(",")) {
    const [, name = part, , given] = /^([a-z_0-9]+)=([^/]*)(?:\/(.*))?$/.exec(part) ?? [];
    if (protocols.has(name)) mask.protocol = all(8);
    const field = nameOf[name];
    if (field === undefined) {
      if (["recirc_id", "eth", "ip", "ipv6", "arp", "in_port", "nw_frag", "dl_type"].includes(name))
        continue;
      if (protocols.has(name)) continue;
      throw new Error(`${part} in ${line}`);
    }
    const exact =
      upper === "icmp" && (field === "first" || field === "second") ? 8 : widthOf(field);
    mask[field] =
      given === undefined ? (name === "tcp_flags" ? flagsOf(part) : all(exact)) : bitsOf(given);
  }
  // the presence bit of who has no tag is not the tag's
  return isTagged ? mask : { ...mask, tag: 0n };
}

/** Of `tcp_flags=+ack-syn`. */
function flagsOf(part: string): bigint {
  const names = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ns"];
  let bits = 0n;
  for (const [, name] of part.matchAll(/[+-]([a-z]+)/g))
    bits |= 1n << BigInt(names.indexOf(name as string));
  return bits;
}

function bitsOf(text: string): bigint {
  if (text.startsWith("0x")) return BigInt(text);
  if (text.includes(":")) return BigInt(`0x${text.replaceAll(":", "")}`);
  if (text.includes("."))
    return text.split(".").reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return all(32) ^ all(32 - Number(text));
}

function widthOf(name: Name): number {
  return (fields.find(([each]) => each === name) as (typeof fields)[number])[1];
}

function printMac(value: bigint): string {
  return value
    .toString(16)
    .padStart(12, "0")
    .replace(/..(?=.)/g, "$&:");
}

function printAddress(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((down) => (value >> down) & 0xffn).join(".");
}
