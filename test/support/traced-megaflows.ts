/**
 * All megaflows that packets make at the port of a rail of IPv4 alone, with Open vSwitch itself as the judge: a packet is
 * traced, and for each bit of its megaflow those are traced that differ there first, unless they are in a megaflow that is
 * known. Nothing of the models of `datapath/unwildcard` or `verify/cost`, not even their words.
 */

import type { PrivateSwitch } from "../../src/switch/private-switch.js";

export interface TracedTally {
  readonly megaflows: number;
  readonly masks: number;
}

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
type Values = { readonly [name in Name]?: bigint };

interface Kind {
  readonly etherType: number;
  readonly fragment?: "no" | "first" | "later";
  readonly isTagged: boolean;
  /** Of the protocol's ports or type and code. */
  readonly upper?: "tcp" | "ports" | "icmp";
}

interface Box {
  readonly kind: Kind;
  readonly values: Values;
  readonly free: Values;
}

/** The same, all fields as one number. */
interface Packed {
  readonly kind: Kind;
  readonly packet: bigint;
  readonly free: bigint;
}

/** Of one kind and mask: a packet that is in one of these needs no trace. */
interface MaskOfKind {
  readonly mask: bigint;
  readonly found: Set<string>;
}

export async function tracedMegaflows(
  ovs: PrivateSwitch,
  bridge: string,
  { inPort, sourceMac }: { readonly inPort: number; readonly sourceMac?: bigint },
): Promise<TracedTally> {
  const byKind = new Map<string, MaskOfKind[]>();
  const waiting: Packed[] = [...startsOf(sourceMac)].map(({ kind, values, free }) => ({
    kind,
    packet: pack(values),
    free: pack(free),
  }));
  for (let box = waiting.pop(); box !== undefined; box = waiting.pop()) {
    const { kind, packet } = box;
    const key = `${kind.etherType} ${kind.fragment} ${kind.isTagged}`;
    const masks = byKind.get(key) ?? [];
    byKind.set(key, masks);
    let one = masks.find(({ mask, found }) => found.has((packet & mask).toString(16)));
    if (one === undefined) {
      const text = await ovs.trace(bridge, `in_port=${inPort},${printPacket(kind, packet)}`);
      const mask = pack(maskOf(text, kind));
      one = masks.find((known) => known.mask === mask);
      if (one === undefined) {
        one = { mask, found: new Set() };
        masks.push(one);
      }
      one.found.add((packet & mask).toString(16));
    }
    split(box, one.mask, waiting);
  }
  return tallyOf(byKind);
}

/** Fragment bits are in every mask of IP, and in no other. */
function tallyOf(byKind: ReadonlyMap<string, readonly MaskOfKind[]>): TracedTally {
  const masks = new Set<string>();
  let megaflows = 0;
  for (const [kind, all] of byKind)
    for (const { mask, found } of all) {
      masks.add(`${kind.includes("undefined")} ${mask.toString(16)}`);
      megaflows += found.size;
    }
  return { megaflows, masks: masks.size };
}

/** The packets that differ in one bit first, from the highest on. */
function split({ kind, packet, free }: Packed, mask: bigint, waiting: Packed[]): void {
  let left = free;
  for (let open = free & mask; open !== 0n; ) {
    const bit = 1n << BigInt(open.toString(2).length - 1);
    open ^= bit;
    left ^= bit;
    waiting.push({ kind, packet: packet ^ bit, free: left });
  }
}

const downs = new Map<Name, bigint>();
let down = 0n;
for (const [name, width] of fields.toReversed()) {
  downs.set(name, down);
  down += BigInt(width);
}

function pack(values: Values): bigint {
  let packed = 0n;
  for (const [name] of fields) packed |= (values[name] ?? 0n) << (downs.get(name) as bigint);
  return packed;
}

const all = (bits: number) => (1n << BigInt(bits)) - 1n;

function* startsOf(sourceMac: bigint | undefined): Generator<Box> {
  const ethernet: Values = {
    ethernetDestination: all(48),
    ...(sourceMac === undefined ? { ethernetSource: all(48) } : {}),
  };
  const source: Values = sourceMac === undefined ? {} : { ethernetSource: sourceMac };
  for (const isTagged of [false, true]) {
    const tag: Values = isTagged ? { tag: 0x1000n } : {};
    const open: Values = isTagged ? { ...ethernet, tag: 0xefffn } : ethernet;
    const made = (kind: Omit<Kind, "isTagged">, fixed: Values, free: Values): Box => ({
      kind: { ...kind, isTagged },
      values: { ...source, ...tag, ...fixed },
      free: { ...open, ...free },
    });
    const addresses = { source: all(32), destination: all(32) };
    const macs = { senderMac: all(48), targetMac: all(48) };
    yield made({ etherType: 0x0806 }, {}, { ...addresses, ...macs, operation: all(8) });
    for (const fragment of ["no", "first", "later"] as const) {
      yield made(
        { etherType: 0x86dd, fragment },
        fragment === "later" ? { protocol: 44n } : { protocol: 59n },
        {},
      );
      const kind = { etherType: 0x0800, fragment };
      if (fragment === "later") yield made(kind, {}, { ...addresses, protocol: all(8) });
      else {
        const ports = { ...addresses, first: all(16), second: all(16) };
        yield made({ ...kind, upper: "tcp" }, { protocol: 6n }, { ...ports, flags: all(12) });
        for (const protocol of [17n, 132n])
          yield made({ ...kind, upper: "ports" }, { protocol }, ports);
        const message = { ...addresses, first: all(8), second: all(8) };
        yield made({ ...kind, upper: "icmp" }, { protocol: 1n }, message);
        for (let protocol = 0n; protocol < 256n; protocol++)
          if (![1n, 6n, 17n, 132n].includes(protocol)) yield made(kind, { protocol }, addresses);
      }
    }
  }
}

/** As `ofproto/trace` takes it. */
function printPacket(kind: Kind, packet: bigint): string {
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
function maskOf(text: string, { isTagged, upper }: Kind): Values {
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
