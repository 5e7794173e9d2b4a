/**
 * Frames byte by byte, as no network stack would send them: what Open vSwitch makes of their headers decides which
 * megaflows there are (miniflow_extract() of lib/flow.c). `hostile-frames.ts` has those that are well formed.
 */

import type { Attacker } from "./hostile-frames.js";
import { discovery, ipv4, ipv6, transport } from "./odd-internet.js";
import { address, hex, nearAddress, nearly, own, short, targetsOf } from "./odd-values.js";
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
