/** Exact sets of addresses of one family: sorted, disjoint, non-adjacent ranges. */

import { type Address, type Family, widthOf } from "./address.js";
import { firstOf, lastOf, type Prefix } from "./prefix.js";

export interface AddressRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** Invariant (canonical ranges): ascending, disjoint, and no two of them touch, so equal sets are equal text. */
export interface AddressSet {
  readonly family: Family;
  readonly ranges: readonly AddressRange[];
}

export function noAddress(family: Family): AddressSet {
  return { family, ranges: [] };
}

export function everyAddress(family: Family): AddressSet {
  return { family, ranges: [{ first: 0n, last: (1n << BigInt(widthOf(family))) - 1n }] };
}

/** The members of that family; those of the other are left out. */
export function addressSetOf(family: Family, members: Iterable<Address | Prefix>): AddressSet {
  const ranges: AddressRange[] = [];
  for (const member of members) {
    if (member.family !== family) continue;
    if ("length" in member) ranges.push({ first: firstOf(member), last: lastOf(member) });
    else ranges.push({ first: member.value, last: member.value });
  }
  return { family, ranges: canonical(ranges) };
}

export function uniteAddresses(...sets: readonly [AddressSet, ...AddressSet[]]): AddressSet {
  return { family: sets[0].family, ranges: canonical(sets.flatMap((set) => [...set.ranges])) };
}

export function subtractAddresses(from: AddressSet, what: AddressSet): AddressSet {
  const ranges: AddressRange[] = [];
  let index = 0;
  for (const range of from.ranges) {
    let first = range.first;
    while ((what.ranges[index]?.last ?? range.last) < first) index++;
    for (let at = index; ; at++) {
      const hole = what.ranges[at];
      if (hole === undefined || hole.first > range.last) break;
      if (hole.first > first) ranges.push({ first, last: hole.first - 1n });
      first = hole.last + 1n;
    }
    if (first <= range.last) ranges.push({ first, last: range.last });
  }
  return { family: from.family, ranges };
}

export function intersectAddresses(one: AddressSet, other: AddressSet): AddressSet {
  const ranges: AddressRange[] = [];
  let left = 0;
  let right = 0;
  for (;;) {
    const a = one.ranges[left];
    const b = other.ranges[right];
    if (a === undefined || b === undefined) return { family: one.family, ranges };
    const first = a.first > b.first ? a.first : b.first;
    const last = a.last < b.last ? a.last : b.last;
    if (first <= last) ranges.push({ first, last });
    if (a.last < b.last) left++;
    else right++;
  }
}

export function isNoAddress(set: AddressSet): boolean {
  return set.ranges.length === 0;
}

export function holdsAddress(set: AddressSet, address: Address): boolean {
  if (set.family !== address.family) return false;
  let low = 0;
  let high = set.ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((set.ranges[middle] as AddressRange).last < address.value) low = middle + 1;
    else high = middle;
  }
  const range = set.ranges[low];
  return range !== undefined && range.first <= address.value;
}

export function isSameAddressSet(one: AddressSet, other: AddressSet): boolean {
  return (
    one.family === other.family &&
    one.ranges.length === other.ranges.length &&
    one.ranges.every(
      (range, index) =>
        range.first === other.ranges[index]?.first && range.last === other.ranges[index]?.last,
    )
  );
}

/** The fewest prefixes that hold exactly the set, ascending. */
export function prefixesOf(set: AddressSet): Prefix[] {
  const width = widthOf(set.family);
  const prefixes: Prefix[] = [];
  for (const range of set.ranges) {
    let first = range.first;
    while (first <= range.last) {
      let hostBits = 0;
      while (
        hostBits < width &&
        (first & ((2n << BigInt(hostBits)) - 1n)) === 0n &&
        first + (2n << BigInt(hostBits)) - 1n <= range.last
      )
        hostBits++;
      prefixes.push({ family: set.family, value: first, length: width - hostBits });
      first += 1n << BigInt(hostBits);
    }
  }
  return prefixes;
}

function canonical(ranges: AddressRange[]): AddressRange[] {
  ranges.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const merged: { first: bigint; last: bigint }[] = [];
  for (const range of ranges) {
    const before = merged.at(-1);
    if (before !== undefined && range.first <= before.last + 1n) {
      if (range.last > before.last) before.last = range.last;
    } else merged.push({ ...range });
  }
  return merged;
}
