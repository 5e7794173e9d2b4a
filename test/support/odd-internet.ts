/** IPv4 and IPv6 packets byte by byte, with odd headers: options, fragments, chains of extension headers, cut short. */

import type { Family } from "../../src/net/address.js";
import type { Attacker } from "./hostile-frames.js";
import { address, hex, nearAddress, nearly, own, short, targetsOf } from "./odd-values.js";
import type { Random } from "./random.js";

interface Upper {
  readonly upper: number;
  readonly bytes: Buffer;
}

export function transport(random: Random, attacker: Attacker, family: Family): Upper {
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

export function ipv4(random: Random, attacker: Attacker, { upper, bytes }: Upper): Buffer {
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

export function ipv6(
  random: Random,
  attacker: Attacker,
  { upper, bytes }: Upper,
  to?: bigint,
): Buffer {
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
export function discovery(random: Random, { pod }: Attacker, target: bigint): Buffer {
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
