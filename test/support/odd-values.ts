/** Values near those that the fence lets pass, and values as bytes. */

import type { Address, Family } from "../../src/net/address.js";
import type { Attacker } from "./hostile-frames.js";
import type { Random } from "./random.js";

export function targetsOf({ peers, gateways }: Attacker, family: Family): bigint[] {
  return [...peers.flatMap(({ addresses }) => addresses), ...gateways]
    .filter((one) => one.family === family)
    .map(({ value }) => value);
}

export function own({ pod }: Attacker, family: Family): bigint {
  return (pod.addresses.find((one) => one.family === family) as Address).value;
}

export function nearAddress(random: Random, value: bigint, bits = 128): bigint {
  return random.chance(0.4) ? nearly(random, value, bits) : value;
}

/** One bit turned, or everything from some bit on at random. */
export function nearly(random: Random, value: bigint, bits: number): bigint {
  return random.chance(0.5)
    ? value ^ (1n << BigInt(random.below(bits)))
    : value ^ random.bits(1 + random.below(bits));
}

export function address(value: bigint, bytes: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * bytes, "0"), "hex");
}

export function short(value: number): Buffer {
  return Buffer.from([(value >> 8) & 0xff, value & 0xff]);
}

export function hex(random: Random, bytes: number): string {
  return Array.from({ length: bytes }, () => random.below(256).toString(16).padStart(2, "0")).join(
    "",
  );
}
