/** Values of datapath keys with their masks, read where they stand: `10.0.0.1/255.255.255.0`, `0x22/0x3e`, `+est-trk`. */

import type { DatapathKey, ValueFormat } from "./datapath-key.js";
import { digitAt, readIpv6 } from "./ipv6-value.js";

export interface MaskedValue {
  readonly value: bigint;
  readonly mask: bigint;
}

/** OVS prints the fragment as a word; its OpenFlow bits are any (1) and later (2): ovs-fields(7), `ip_frag`. */
const fragments: ReadonlyMap<string, MaskedValue> = new Map([
  ["no", { value: 0n, mask: 3n }],
  ["first", { value: 1n, mask: 3n }],
  ["later", { value: 3n, mask: 3n }],
]);

/** What most of a `-m` line consists of. */
const wildcarded: MaskedValue = { value: 0n, mask: 0n };

const zero = 48;
const dot = 46;
const colon = 58;
const lowerX = 120;

/**
 * Undefined for text that is no such value.
 * @param middle where the slash before the mask stands, or `end` for a value without one
 */
export function readMasked(
  text: string,
  start: number,
  middle: number,
  end: number,
  { format, full, flags }: DatapathKey,
): MaskedValue | undefined {
  const first = text.charCodeAt(start);
  if (end - start === 3 && first === zero && text.startsWith("0/0", start)) return wildcarded;
  if (format === "fragment") return fragments.get(text.slice(start, end));
  if (flags !== undefined && !(first >= zero && first <= zero + 9 && start < end))
    return readFlags(text.slice(start, end), flags, full);
  const value = readPlain(text, start, middle, format);
  if (value === undefined || value > full) return undefined;
  if (middle === end) return { value, mask: full };
  const mask = readPlain(text, middle + 1, end, format);
  return mask === undefined || mask > full ? undefined : { value, mask };
}

/** `+est-trk` sets and clears single bits and leaves the others alone; `df|csum` sets whole words. */
function readFlags(text: string, names: readonly string[], full: bigint): MaskedValue | undefined {
  let value = 0n;
  let mask = 0n;
  const signed = /^([+-][a-z0-9_]+)+$/.test(text);
  const words = signed ? (text.match(/[+-][a-z0-9_]+/g) ?? []) : text === "" ? [] : text.split("|");
  for (const word of words) {
    const bit = names.indexOf(signed ? word.slice(1) : word);
    if (bit < 0) return undefined;
    mask |= 1n << BigInt(bit);
    if (!signed || word.startsWith("+")) value |= 1n << BigInt(bit);
  }
  return { value, mask: signed ? mask : full };
}

function readPlain(
  text: string,
  start: number,
  end: number,
  format: ValueFormat,
): bigint | undefined {
  if (format === "number") return readNumberAt(text, start, end);
  if (format === "ethernet") return readEthernet(text, start, end);
  if (format === "ipv4") return readIpv4(text, start, end);
  return readIpv6(text, start, end);
}

export function readNumber(text: string): bigint | undefined {
  return readNumberAt(text, 0, text.length);
}

function readNumberAt(text: string, start: number, end: number): bigint | undefined {
  const isHexadecimal = text.charCodeAt(start + 1) === lowerX && text.charCodeAt(start) === zero;
  const from = isHexadecimal ? start + 2 : start;
  const base = isHexadecimal ? 16 : 10;
  let value = 0;
  for (let at = from; at < end; at++) {
    const digit = digitAt(text.charCodeAt(at));
    if (digit < 0 || digit >= base) return undefined;
    value = value * base + digit;
  }
  if (end <= from || end - from > 32) return undefined;
  return value <= Number.MAX_SAFE_INTEGER ? BigInt(value) : BigInt(text.slice(start, end));
}

/** Characters of `0a:58:0a:65:00:05`. */
export const ethernetLength = 17;

/** Two to the power of 48 is a safe integer, so plain numbers do. */
function readEthernet(text: string, start: number, end: number): bigint | undefined {
  if (end - start !== ethernetLength) return undefined;
  let value = 0;
  for (let offset = 0; offset < ethernetLength; offset++) {
    if (offset % 3 === 2) {
      if (text.charCodeAt(start + offset) !== colon) return undefined;
      continue;
    }
    const digit = digitAt(text.charCodeAt(start + offset));
    if (digit < 0) return undefined;
    value = value * 16 + digit;
  }
  return BigInt(value);
}

function readIpv4(text: string, start: number, end: number): bigint | undefined {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let octets = 1;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === dot) {
      if (digits === 0 || octets === 4) return undefined;
      value = value * 256 + octet;
      octet = 0;
      digits = 0;
      octets++;
    } else if (code >= zero && code <= zero + 9) {
      octet = octet * 10 + code - zero;
      digits++;
      if (octet > 255) return undefined;
    } else return undefined;
  }
  return octets === 4 && digits > 0 ? BigInt(value * 256 + octet) : undefined;
}
