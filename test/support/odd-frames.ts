/**
 * Frames byte by byte, as no network stack would send them: what Open vSwitch makes of their headers decides which
 * megaflows there are (miniflow_extract() of lib/flow.c). `hostile-frames.ts` has those that are well formed.
 */

import type { Address, Family } from "../../src/net/address.js";
import type { Attacker } from "./hostile-frames.js";
import type { Random } from "./random.js";

export type OddKind = (random: Random, attacker: Attacker) => Buffer;

/** EtherTypes that no flow names, few enough that each may have megaflows of its own. */
export const otherEtherTypes = [
  ...[0x8809, 0x8902, 0x88cc, 0x8847, 0x8848, 0x894f, 0x8035, 0x8863, 0x22f0, 0x88b5],
] as const;

export const oddKinds: Readonly<Record<string, OddKind>> = {
  "tags upon tags": (random, attacker) => {
    const { type, body } = anyPayload(random, attacker);
    const tags = Array.from({ length: 1 + random.below(3) }, () => [
      short(random.pick([0x8100, 0x88a8])),
      short(random.pick([0, 1, 0x1000, random.below(0x10000)])),
    ]);
    const whole = Buffer.concat([...tags.flat(), short(type), body]);
    const cut = random.chance(0.2) ? whole.subarray(0, 2 + random.below(8)) : whole;
    return ethernet(random, attacker, cut.readUInt16BE(0), cut.subarray(2));
  },
  "no EtherType": (random, attacker) => {
    const { type, body } = anyPayload(random, attacker);
    const snap = random.pick([
      Buffer.concat([Buffer.from("aaaa03000000", "hex"), short(type)]),
      Buffer.concat([Buffer.from("aaaa03000000", "hex"), short(0x0064)]),
      Buffer.from("424203", "hex"),
      Buffer.from("aaaa03", "hex"),
      Buffer.from("aaaa0300000c2000", "hex"),
    ]);
    return ethernet(random, attacker, random.below(0x600), Buffer.concat([snap, body]));
  },
  "protocols of links": (random, attacker) => {
    const type = random.pick(otherEtherTypes);
    return ethernet(random, attacker, type, Buffer.from(hex(random, random.below(60)), "hex"));
  },
  "ARP of another form": (random, attacker) =>
    ethernet(random, attacker, 0x0806, arp(random, attacker, true)),
  "IPv4 with odd headers": (random, attacker) =>
    ethernet(random, attacker, 0x0800, ipv4(random, attacker, transport(random, attacker, 4))),
  "IPv6 with odd headers": (random, attacker) =>
    ethernet(random, attacker, 0x86dd, ipv6(random, attacker, transport(random, attacker, 6))),
  "neighbour discovery with odd options": (random, attacker) => {
    const target = nearAddress(random, random.pick(targetsOf(attacker, 6)));
    const group = (0xff02n << 112n) | (0x1ffn << 24n) | (target & 0xffffffn);
    const message = { upper: 58, bytes: discovery(random, attacker, target) };
    const to = random.pick([group, group, target]);
    const mac = random.pick([0x3333ff000000n | (target & 0xffffffn), attacker.gatewayMac]);
    return ethernet(random, attacker, 0x86dd, ipv6(random, attacker, message, to), mac);
  },
  "groups as senders": (random, attacker) => {
    const { type, body } = anyPayload(random, attacker);
    const source = random.pick([
      0n,
      0xffffffffffffn,
      0x01005e000001n,
      0x0180c2000000n,
      attacker.gatewayMac,
    ]);
    const destination = random.pick([
      0n,
      0xffffffffffffn,
      0x0180c2000000n,
      0x0180c200000en,
      attacker.gatewayMac,
    ]);
    return Buffer.concat([address(destination, 6), address(source, 6), short(type), body]);
  },
};

function ethernet(
  random: Random,
  { pod, gatewayMac }: Attacker,
  type: number,
  body: Buffer,
  destination = gatewayMac,
): Buffer {
  const source = random.chance(0.1) ? nearly(random, pod.mac as bigint, 48) : (pod.mac as bigint);
  const to = random.chance(0.1) ? nearly(random, destination, 48) : destination;
  const broad = type === 0x0806 && random.chance(0.7) ? 0xffffffffffffn : to;
  return Buffer.concat([address(broad, 6), address(source, 6), short(type), body]);
}

function anyPayload(random: Random, attacker: Attacker): { type: number; body: Buffer } {
  const draw = random.below(3);
  if (draw === 0) return { type: 0x0806, body: arp(random, attacker, false) };
  if (draw === 1)
    return { type: 0x0800, body: ipv4(random, attacker, transport(random, attacker, 4)) };
  return { type: 0x86dd, body: ipv6(random, attacker, transport(random, attacker, 6)) };
}

function arp(random: Random, attacker: Attacker, isOdd: boolean): Buffer {
  const odd = (usual: number, other: number) => (isOdd && random.chance(0.1) ? other : usual);
  const target = random.pick(targetsOf(attacker, 4));
  const bytes = Buffer.concat([
    short(odd(1, random.below(0x10000))),
    short(odd(0x0800, 0x86dd)),
    Buffer.from([odd(6, random.below(256)), odd(4, random.below(256))]),
    short(
      isOdd
        ? random.pick([1, 1, 2, 0, 3, 256, 257, 0x100 + random.below(0x100), random.below(256)])
        : 1,
    ),
    address(
      random.chance(0.1)
        ? nearly(random, attacker.pod.mac as bigint, 48)
        : (attacker.pod.mac as bigint),
      6,
    ),
    address(random.chance(0.1) ? nearly(random, own(attacker, 4), 32) : own(attacker, 4), 4),
    address(random.chance(0.2) ? nearly(random, 0n, 48) : 0n, 6),
    address(random.chance(0.3) ? nearly(random, target, 32) : target, 4),
  ]);
  return isOdd && random.chance(0.1) ? bytes.subarray(0, random.below(28)) : bytes;
}

interface Upper {
  readonly upper: number;
  readonly bytes: Buffer;
}

function transport(random: Random, attacker: Attacker, family: Family): Upper {
  const icmp = family === 4 ? 1 : 58;
  const upper = random.pick([
    6,
    17,
    17,
    132,
    2,
    icmp,
    icmp,
    1,
    58,
    0,
    4,
    41,
    47,
    59,
    50,
    random.below(256),
  ]);
  const port = () =>
    Number(random.pick([4791n, 443n, nearly(random, 4791n, 16), nearly(random, 443n, 16)]));
  const ports = Buffer.concat([short(port()), short(port())]);
  const cut = (bytes: Buffer) =>
    random.chance(0.1) ? bytes.subarray(0, random.below(bytes.length)) : bytes;
  switch (upper) {
    case 6: {
      const rest = Buffer.alloc(16);
      rest.writeUInt16BE(
        (random.pick([5, 5, 5, 15, 0, 4]) << 12) |
          random.pick([0x10, 0x02, 0x12, random.below(4096)]),
        8,
      );
      return { upper, bytes: cut(Buffer.concat([ports, rest])) };
    }
    case 17:
    case 132:
      return { upper, bytes: cut(Buffer.concat([ports, Buffer.alloc(12)])) };
    case 58:
      if (random.chance(0.3))
        return {
          upper,
          bytes: cut(discovery(random, attacker, random.pick(targetsOf(attacker, 6)))),
        };
      return {
        upper,
        bytes: cut(
          Buffer.from([
            random.pick([128, 129, 1, random.below(256)]),
            random.pick([0, 0, random.below(256)]),
            ...Buffer.alloc(10),
          ]),
        ),
      };
    default:
      return {
        upper,
        bytes: cut(
          Buffer.from([
            random.pick([8, 0, 3, 0x11, 0x16, random.below(256)]),
            random.pick([0, 0, random.below(256)]),
            ...Buffer.alloc(18),
          ]),
        ),
      };
  }
}

function ipv4(random: Random, attacker: Attacker, { upper, bytes }: Upper): Buffer {
  const words = random.chance(0.2) ? 5 + random.below(11) : 5;
  const options = Buffer.from(hex(random, (words - 5) * 4), "hex");
  const fragment = random.pick([
    0,
    0,
    0,
    0,
    0x4000,
    0x8000,
    0x2000,
    0x2001,
    0x0001,
    0x6000,
    random.below(0x10000),
  ]);
  const length = words * 4 + bytes.length;
  const head = Buffer.alloc(12);
  head[0] = random.chance(0.05) ? random.below(256) : 0x40 | words;
  head[1] = random.pick([0, 0, random.below(256)]);
  head.writeUInt16BE(random.chance(0.05) ? random.below(0x10000) : length, 2);
  head.writeUInt16BE(fragment, 6);
  head[8] = random.pick([64, 0, 1, 255]);
  head[9] = upper;
  return Buffer.concat([
    head,
    address(random.chance(0.1) ? nearly(random, own(attacker, 4), 32) : own(attacker, 4), 4),
    address(nearAddress(random, random.pick(targetsOf(attacker, 4)), 32), 4),
    options,
    bytes,
  ]);
}

function ipv6(random: Random, attacker: Attacker, { upper, bytes }: Upper, to?: bigint): Buffer {
  let next = upper;
  let body = bytes;
  const isPlain = random.chance(to === undefined ? 0.4 : 0.8);
  for (let headers = isPlain ? 0 : 1 + random.below(3); headers > 0; headers--) {
    const kind = random.pick([0, 43, 60, 51, 44, 44, 44]);
    const header = Buffer.alloc(8);
    header[0] = next;
    if (kind === 44)
      header.writeUInt16BE(random.pick([0, 1, 8, 9, 6, 0xfff8, random.below(0x10000)]), 2);
    else header[1] = random.pick([0, 0, 0, random.below(256)]);
    body = Buffer.concat([header, body]);
    next = kind;
  }
  if (random.chance(0.1)) body = body.subarray(0, random.below(body.length + 1));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(
    ((random.chance(0.05) ? random.below(16) : 6) * 2 ** 28 +
      random.pick([0, random.below(2 ** 28)])) >>>
      0,
    0,
  );
  head.writeUInt16BE(random.chance(0.05) ? random.below(0x10000) : body.length, 4);
  head[6] = next;
  head[7] = random.pick([64, 0, 1, 255, 255]);
  const from = random.chance(0.1) ? nearly(random, own(attacker, 6), 128) : own(attacker, 6);
  const destination = to ?? nearAddress(random, random.pick(targetsOf(attacker, 6)), 128);
  return Buffer.concat([
    head,
    address(random.chance(0.03) ? 0n : from, 16),
    address(destination, 16),
    body,
  ]);
}

/** A solicitation or an advertisement with any number of options, twice the same or too long. */
function discovery(random: Random, { pod }: Attacker, target: bigint): Buffer {
  const option = () =>
    Buffer.concat([
      Buffer.from([
        random.pick([1, 1, 2, 2, 3, 14, random.below(256)]),
        random.pick([1, 1, 1, 1, 2, 0]),
      ]),
      address(
        random.pick([
          pod.mac as bigint,
          pod.mac as bigint,
          0n,
          nearly(random, pod.mac as bigint, 48),
          nearly(random, 0n, 48),
        ]),
        6,
      ),
    ]);
  const options = Array.from({ length: random.below(4) }, option);
  const head = Buffer.alloc(8);
  head[0] = random.pick([135, 135, 136, 133, 134, 137]);
  head[1] = random.pick([0, 0, 0, 0, random.below(256)]);
  head.writeUInt32BE(Number(random.pick([0n, random.bits(32)])), 4);
  return Buffer.concat([head, address(target, 16), ...options]);
}

function targetsOf({ peers, gateways }: Attacker, family: Family): bigint[] {
  return [...peers.flatMap(({ addresses }) => addresses), ...gateways]
    .filter((one) => one.family === family)
    .map(({ value }) => value);
}

function own({ pod }: Attacker, family: Family): bigint {
  return (pod.addresses.find((one) => one.family === family) as Address).value;
}

function nearAddress(random: Random, value: bigint, bits = 128): bigint {
  return random.chance(0.4) ? nearly(random, value, bits) : value;
}

/** One bit turned, or everything from some bit on at random. */
function nearly(random: Random, value: bigint, bits: number): bigint {
  return random.chance(0.5)
    ? value ^ (1n << BigInt(random.below(bits)))
    : value ^ random.bits(1 + random.below(bits));
}

function address(value: bigint, bytes: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * bytes, "0"), "hex");
}

function short(value: number): Buffer {
  return Buffer.from([(value >> 8) & 0xff, value & 0xff]);
}

function hex(random: Random, bytes: number): string {
  return Array.from({ length: bytes }, () => random.below(256).toString(16).padStart(2, "0")).join(
    "",
  );
}
