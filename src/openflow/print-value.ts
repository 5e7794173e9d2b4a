/** Field values as Open vSwitch 3.1 prints them, which is not how ovs-fields(7) lists them in every case. */

import { printAddress } from "../net/address.js";
import { printMac } from "../net/mac.js";
import { type Field, fragmentMatches } from "./field.js";

/** The right side of a match: `10.0.0.0/8`, `0x1f90/0xfff0`, `+ack`. */
export function printMasked(field: Field, value: bigint, mask: bigint): string {
  const exact = mask === field.full;
  switch (field.format) {
    case "ipv4":
    case "ipv6":
      return exact ? printExact(field, value) : printMaskedAddress(field, value, mask);
    case "ethernet":
      return exact ? printMac(value) : `${printMac(value)}/${printMac(mask)}`;
    case "flags":
      return exact ? printFlags(value) : printMaskedFlags(value, mask);
    case "fragment":
      return printFragment(value, mask);
    case "decimal":
      // only ports have masks: OVS refuses them for the other decimal fields
      return exact ? `${value}` : `0x${value.toString(16)}/0x${mask.toString(16)}`;
    case "hexadecimal":
      if (exact) return printMatchHexadecimal(field, value);
      return `${printMatchHexadecimal(field, value)}/${printMatchHexadecimal(field, mask)}`;
  }
}

/** A whole value, as `set_field` takes it. */
export function printExact(field: Field, value: bigint): string {
  switch (field.format) {
    case "ipv4":
      return printAddress({ family: 4, value });
    case "ipv6":
      return printAddress({ family: 6, value });
    case "ethernet":
      return printMac(value);
    case "flags":
      return printFlags(value);
    case "fragment":
    case "decimal":
      return `${value}`;
    case "hexadecimal":
      return printHexadecimal(value);
  }
}

/** C's `%#x`: zero has no prefix. */
export function printHexadecimal(value: bigint): string {
  return value === 0n ? "0" : `0x${value.toString(16)}`;
}

// three fields of a match are padded to their width, registers are not
function printMatchHexadecimal(field: Field, value: bigint): string {
  switch (field.name) {
    case "dl_type":
    case "vlan_tci":
      return `0x${value.toString(16).padStart(4, "0")}`;
    case "ipv6_label":
      return `0x${value.toString(16).padStart(5, "0")}`;
    default:
      return printHexadecimal(value);
  }
}

function printMaskedAddress(field: Field, value: bigint, mask: bigint): string {
  const length = prefixLengthOf(mask, field.full);
  return `${printExact(field, value)}/${length ?? printExact(field, mask)}`;
}

/** How many leading bits the mask has, if it has no others. */
function prefixLengthOf(mask: bigint, full: bigint): number | undefined {
  const hostPart = full ^ mask;
  if ((hostPart & (hostPart + 1n)) !== 0n) return undefined;
  const width = full.toString(2).length;
  return hostPart === 0n ? width : width - hostPart.toString(2).length;
}

function printFragment(value: bigint, mask: bigint): string {
  for (const [name, match] of Object.entries(fragmentMatches))
    if (match.value === value && match.mask === mask) return name;
  // the other masks of two bits say the same as one of the five names, for the three values there are
  if (mask === 3n) return value === 0n ? "no" : value === 1n ? "first" : "later";
  throw new Error(`nw_frag has no name for ${value}/${mask}`);
}

// TCP flags from the lowest bit (RFC 9293, section 3.1); OVS names the last three by their value
const flagNames = [
  "fin",
  "syn",
  "rst",
  "psh",
  "ack",
  "urg",
  "ece",
  "cwr",
  "ns",
  "[200]",
  "[400]",
  "[800]",
] as const;

function printFlags(value: bigint): string {
  if (value === 0n) return "0";
  return flagNames.filter((_, bit) => ((value >> BigInt(bit)) & 1n) === 1n).join("|");
}

function printMaskedFlags(value: bigint, mask: bigint): string {
  let text = "";
  for (const [bit, name] of flagNames.entries()) {
    if (((mask >> BigInt(bit)) & 1n) === 0n) continue;
    text += ((value >> BigInt(bit)) & 1n) === 1n ? `+${name}` : `-${name}`;
  }
  return text;
}

/** The bit of a TCP flag's name, as `printMasked` writes it. */
export function flagBit(name: string): bigint | undefined {
  const bit = (flagNames as readonly string[]).indexOf(name);
  return bit < 0 ? undefined : 1n << BigInt(bit);
}
