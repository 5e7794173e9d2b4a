/** IPv6 addresses read where they stand, without cutting the text up: a dump holds hundreds of thousands. */

import { parseAddress } from "../net/address.js";

const zero = 48;
const colon = 58;

// high and low half of an address; BigUint64Array would depend on the machine's byte order
const halves = new DataView(new ArrayBuffer(16));

/** Undefined for what is no IPv6 address. Groups of hexadecimal digits are read here, all other forms by `parseAddress`. */
export function readIpv6(text: string, start: number, end: number): bigint | undefined {
  let groups = 0;
  let gap = -1;
  let group = 0;
  let digits = 0;
  for (let at = start; at <= end; at++) {
    const code = at < end ? text.charCodeAt(at) : colon;
    if (code === colon) {
      if (digits > 0) {
        if (groups === 8) return undefined;
        halves.setUint16(2 * groups++, group);
        group = 0;
        digits = 0;
      } else if (at < end && at > start && text.charCodeAt(at - 1) === colon) {
        if (gap >= 0) return undefined;
        gap = groups;
      } else if (at === end ? gap !== groups : at > start || text.charCodeAt(at + 1) !== colon)
        return undefined;
      continue;
    }
    const digit = digitAt(code);
    if (digit < 0 || ++digits > 4) return readOther(text, start, end);
    group = group * 16 + digit;
  }
  if (gap < 0 ? groups !== 8 : groups === 8) return undefined;
  if (gap >= 0) widenGap(gap, groups);
  return (halves.getBigUint64(0) << 64n) | halves.getBigUint64(8);
}

/** Moves what stands behind `::` to the end. */
function widenGap(gap: number, groups: number): void {
  const behind = groups - gap;
  for (let index = 1; index <= behind; index++)
    halves.setUint16(2 * (8 - index), halves.getUint16(2 * (groups - index)));
  for (let index = gap; index < 8 - behind; index++) halves.setUint16(2 * index, 0);
}

/** The form with a dotted quad at its end, and whatever is no address. */
function readOther(text: string, start: number, end: number): bigint | undefined {
  const address = parseAddress(text.slice(start, end));
  return address?.family === 6 ? address.value : undefined;
}

/** A hexadecimal digit of either case, or -1. */
export function digitAt(code: number): number {
  if (code >= zero && code <= zero + 9) return code - zero;
  if (code >= 97 && code <= 102) return code - 87;
  return code >= 65 && code <= 70 ? code - 55 : -1;
}
