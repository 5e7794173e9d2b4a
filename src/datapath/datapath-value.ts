/** Values of datapath keys with their masks: `10.0.0.1/255.255.255.0`, `0x22/0x3e`, `+est-trk`, `later`. */

import { parseAddress } from "../net/address.js";
import type { ValueFormat } from "./datapath-key.js";

export interface MaskedValue {
  readonly value: bigint;
  readonly mask: bigint;
}

/** OVS prints the fragment as a word; its OpenFlow bits are any (1) and later (2): ovs-fields(7), `ip_frag`. */
const fragments: ReadonlyMap<string, bigint> = new Map([
  ["no", 0n],
  ["first", 1n],
  ["later", 3n],
]);

/** Undefined for text that is no such value. */
export function readMasked(
  text: string,
  format: ValueFormat,
  bits: number,
  flags?: readonly string[],
): MaskedValue | undefined {
  const full = (1n << BigInt(bits)) - 1n;
  if (format === "fragment") {
    const value = fragments.get(text);
    return value === undefined ? undefined : { value, mask: 3n };
  }
  const first = text.charCodeAt(0);
  if (flags !== undefined && first !== 48 && !(first >= 49 && first <= 57))
    return readFlags(text, flags, full);
  const slash = text.indexOf("/");
  const value = readPlain(slash < 0 ? text : text.slice(0, slash), format);
  if (value === undefined || value > full) return undefined;
  if (slash < 0) return { value, mask: full };
  const mask = readPlain(text.slice(slash + 1), format);
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

function readPlain(text: string, format: ValueFormat): bigint | undefined {
  if (format === "number") return readNumber(text);
  if (format === "ethernet") return readEthernet(text);
  const address = parseAddress(text);
  return address !== undefined && (address.family === 4) === (format === "ipv4")
    ? address.value
    : undefined;
}

export function readNumber(text: string): bigint | undefined {
  return /^(0x[0-9a-fA-F]{1,32}|[0-9]{1,20})$/.test(text) ? BigInt(text) : undefined;
}

/** Two to the power of 48 is a safe integer, so plain numbers do. */
function readEthernet(text: string): bigint | undefined {
  if (text.length !== 17) return undefined;
  let value = 0;
  for (let at = 0; at < 17; at++) {
    const code = text.charCodeAt(at);
    if (at % 3 === 2) {
      if (code !== 58) return undefined;
      continue;
    }
    const digit =
      code >= 48 && code <= 57
        ? code - 48
        : code >= 97 && code <= 102
          ? code - 87
          : code >= 65 && code <= 70
            ? code - 55
            : -1;
    if (digit < 0) return undefined;
    value = value * 16 + digit;
  }
  return BigInt(value);
}
