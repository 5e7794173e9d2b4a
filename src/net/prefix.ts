/** Address prefixes. Invariant (no host bits): every bit of `value` past `length` is zero. */

import { type Address, type Family, parseAddress, printAddress, widthOf } from "./address.js";

export interface Prefix {
  readonly family: Family;
  readonly value: bigint;
  readonly length: number;
}

export type ParsedPrefix =
  | { readonly kind: "prefix"; readonly prefix: Prefix }
  | { readonly kind: "host-bits"; readonly prefix: Prefix }
  | { readonly kind: "malformed" };

/**
 * Reads `ADDRESS/LENGTH`, or a bare address as its own full-length prefix. Host bits are reported, never
 * dropped silently: `prefix` of "host-bits" is what the author probably meant.
 */
export function parsePrefix(text: string): ParsedPrefix {
  const slash = text.indexOf("/");
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return { kind: "malformed" };
  const width = widthOf(address.family);
  const lengthText = slash < 0 ? String(width) : text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(lengthText) || Number(lengthText) > width)
    return { kind: "malformed" };
  const prefix = prefixAround(address, Number(lengthText));
  return { kind: prefix.value === address.value ? "prefix" : "host-bits", prefix };
}

/** The prefix of that length that holds the address. */
export function prefixAround(address: Address, length: number): Prefix {
  const shift = BigInt(widthOf(address.family) - length);
  return { family: address.family, value: (address.value >> shift) << shift, length };
}

export function prefixOf(address: Address): Prefix {
  return { ...address, length: widthOf(address.family) };
}

/** A full-length prefix prints as the bare address, as OVS does. */
export function printPrefix(prefix: Prefix): string {
  const address = printAddress(prefix);
  return prefix.length === widthOf(prefix.family) ? address : `${address}/${prefix.length}`;
}

export function firstOf(prefix: Prefix): bigint {
  return prefix.value;
}

export function lastOf(prefix: Prefix): bigint {
  return prefix.value | ((1n << BigInt(widthOf(prefix.family) - prefix.length)) - 1n);
}

export function prefixHolds(prefix: Prefix, address: Address): boolean {
  return (
    prefix.family === address.family &&
    firstOf(prefix) <= address.value &&
    address.value <= lastOf(prefix)
  );
}

export function prefixesOverlap(one: Prefix, other: Prefix): boolean {
  return (
    one.family === other.family && firstOf(one) <= lastOf(other) && firstOf(other) <= lastOf(one)
  );
}

/** As a bit mask of the family's width. */
export function maskOf(prefix: Prefix): bigint {
  const width = BigInt(widthOf(prefix.family));
  return ((1n << width) - 1n) ^ ((1n << (width - BigInt(prefix.length))) - 1n);
}
