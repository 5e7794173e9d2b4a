/** Exact sets of 16-bit numbers (ports; ICMP type and code): sorted, disjoint, non-adjacent intervals. */

export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** Invariant (canonical intervals): ascending, disjoint, no two touch. */
export type IntervalSet = readonly Interval[];

/** A 16-bit value under a mask, as OpenFlow matches ports. */
export interface MaskedNumber {
  readonly value: number;
  readonly mask: number;
}

const largest = 0xffff;

export const noNumber: IntervalSet = [];
export const everyNumber: IntervalSet = [{ first: 0, last: largest }];

export function intervalSetOf(intervals: Iterable<Interval>): IntervalSet {
  const sorted = [...intervals].sort((a, b) => a.first - b.first);
  const merged: { first: number; last: number }[] = [];
  for (const interval of sorted) {
    const before = merged.at(-1);
    if (before !== undefined && interval.first <= before.last + 1)
      before.last = Math.max(before.last, interval.last);
    else merged.push({ ...interval });
  }
  return merged;
}

export function uniteIntervals(...sets: readonly IntervalSet[]): IntervalSet {
  return intervalSetOf(sets.flat());
}

export function complementIntervals(set: IntervalSet): IntervalSet {
  const gaps: Interval[] = [];
  let next = 0;
  for (const { first, last } of set) {
    if (first > next) gaps.push({ first: next, last: first - 1 });
    next = last + 1;
  }
  if (next <= largest) gaps.push({ first: next, last: largest });
  return gaps;
}

export function intersectIntervals(one: IntervalSet, other: IntervalSet): IntervalSet {
  const shared: Interval[] = [];
  for (const a of one)
    for (const b of other) {
      const first = Math.max(a.first, b.first);
      const last = Math.min(a.last, b.last);
      if (first <= last) shared.push({ first, last });
    }
  return intervalSetOf(shared);
}

export function subtractIntervals(from: IntervalSet, what: IntervalSet): IntervalSet {
  return intersectIntervals(from, complementIntervals(what));
}

export function isNoNumber(set: IntervalSet): boolean {
  return set.length === 0;
}

export function isEveryNumber(set: IntervalSet): boolean {
  return set.length === 1 && set[0]?.first === 0 && set[0].last === largest;
}

export function holdsNumber(set: IntervalSet, number: number): boolean {
  return set.some(({ first, last }) => first <= number && number <= last);
}

/** `4791,50000-51000`; the empty set prints as nothing. */
export function printIntervals(set: IntervalSet): string {
  return set.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}

/** The fewest prefix-shaped masks that hold exactly the set: OVS keeps a trie only for such masks. */
export function masksOf(set: IntervalSet): MaskedNumber[] {
  const masks: MaskedNumber[] = [];
  for (const { first, last } of set) {
    let next = first;
    while (next <= last) {
      let size = 1;
      while (size < 0x10000 && next % (size * 2) === 0 && next + size * 2 - 1 <= last) size *= 2;
      masks.push({ value: next, mask: largest & ~(size - 1) });
      next += size;
    }
  }
  return masks;
}
