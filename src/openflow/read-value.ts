/** Field values read from the text of Open vSwitch: the opposite of print-value.ts, and every alias it accepts. */

import { parseAddress } from "../net/address.js";
import { parseMac } from "../net/mac.js";
import { type Field, type FragmentName, fragmentMatches } from "./field.js";
import type { MaskedBits } from "./match-spec.js";
import { flagBit } from "./print-value.js";

/** Undefined for anything that is not a value of that field: then nobody knows what the text means. */
export function readMasked(field: Field, text: string): MaskedBits | undefined {
  if (field.format === "fragment")
    return Object.hasOwn(fragmentMatches, text) ? fragmentMatches[text as FragmentName] : undefined;
  if (field.format === "flags") return readFlags(field, text);
  const slash = text.indexOf("/");
  if (slash < 0) {
    const value = readExact(field, text);
    return value === undefined ? undefined : { value, mask: field.full };
  }
  const value = readExact(field, text.slice(0, slash));
  const mask = readMask(field, text.slice(slash + 1));
  if (value === undefined || mask === undefined) return undefined;
  return { value: value & mask, mask };
}

/** One whole value. */
export function readExact(field: Field, text: string): bigint | undefined {
  switch (field.format) {
    case "ipv4":
    case "ipv6": {
      const address = parseAddress(text);
      const family = field.format === "ipv4" ? 4 : 6;
      return address?.family === family ? address.value : undefined;
    }
    case "ethernet":
      return parseMac(text);
    case "flags":
    case "fragment": {
      const bits = readMasked(field, text);
      return bits?.mask === field.full ? bits.value : undefined;
    }
    case "decimal":
    case "hexadecimal": {
      const value = readNumber(text);
      return value === undefined || (value & field.full) !== value ? undefined : value;
    }
  }
}

/** Decimal or `0x…`, unsigned. */
export function readNumber(text: string): bigint | undefined {
  const small = readSmallNumber(text);
  if (small !== undefined) return BigInt(small);
  return /^(0x[0-9a-fA-F]+|[0-9]+)$/.test(text) ? BigInt(text) : undefined;
}

/** As `readNumber`, for what fits a double exactly: this is most of a dump, and far quicker than BigInt. */
export function readSmallNumber(text: string): number | undefined {
  const { length } = text;
  if (length > 2 && text.charCodeAt(1) === 120 && text.charCodeAt(0) === 48) {
    if (length > 14) return undefined;
    let value = 0;
    for (let index = 2; index < length; index++) {
      const code = text.charCodeAt(index) | 32;
      if (code >= 48 && code <= 57) value = value * 16 + code - 48;
      else if (code >= 97 && code <= 102) value = value * 16 + code - 87;
      else return undefined;
    }
    return value;
  }
  if (length === 0 || length > 15) return undefined;
  let value = 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code < 48 || code > 57) return undefined;
    value = value * 10 + code - 48;
  }
  return value;
}

function readMask(field: Field, text: string): bigint | undefined {
  if (field.format !== "ipv4" && field.format !== "ipv6") return readExact(field, text);
  if (!/^[0-9]{1,3}$/.test(text)) return readExact(field, text);
  const width = field.format === "ipv4" ? 32 : 128;
  const length = Number(text);
  if (length > width) return undefined;
  return field.full ^ ((1n << BigInt(width - length)) - 1n);
}

function readFlags(field: Field, text: string): MaskedBits | undefined {
  if (text.startsWith("+") || text.startsWith("-")) {
    let value = 0n;
    let mask = 0n;
    for (const [whole, sign, name] of text.matchAll(/([+-]?)([^+-]+)/g)) {
      const bit = flagBit(name as string);
      if (bit === undefined || sign === "" || whole === "") return undefined;
      mask |= bit;
      if (sign === "+") value |= bit;
    }
    return { value, mask };
  }
  const [valueText, maskText] = text.split("/", 2);
  const value = readNumber(valueText as string) ?? readFlagNames(valueText as string);
  const mask = maskText === undefined ? field.full : readNumber(maskText);
  if (value === undefined || mask === undefined) return undefined;
  if ((value & field.full) !== value || (mask & field.full) !== mask) return undefined;
  return { value: value & mask, mask };
}

function readFlagNames(text: string): bigint | undefined {
  let value = 0n;
  for (const name of text.split("|")) {
    const bit = flagBit(name);
    if (bit === undefined) return undefined;
    value |= bit;
  }
  return value;
}
