/**
 * Checks a field in strides of a few bits, one table each.
 *
 * OVS keeps no prefix trie for MAC addresses, ARP fields and (before 3.5) IPv6 addresses: one exact match that misses
 * makes the whole field exact, and every spoofed value a megaflow of its own. In a walk a packet stops at its first
 * wrong stride, with only the bits up to there in its megaflow; a right one passes with the same megaflow as before.
 * Each step matches the whole prefix so far, whose bits are in the megaflow anyway, so no state has to be carried.
 */

import type { Action } from "../openflow/action.js";
import type { MaskedBits, MatchSpec } from "../openflow/match-spec.js";
import type { Table } from "./compiled-rail.js";
import type { FlowSink, Why } from "./flow-sink.js";
import type { ExactWalk, Walk } from "./rail-tables.js";
import { endsOf } from "./strides.js";

/** The longest prefix wins; `value` has no bits past `length`. */
export interface Step {
  readonly value: bigint;
  readonly length: number;
  readonly actions: readonly Action[];
  readonly why: Why;
}

export interface WalkOptions {
  /** Where packets go after a stride: to the next, unless something stands between that leads there. */
  readonly onwards?: (stride: number) => Table;
  /** Of the leading bits that all steps share, how many may be looked at in any order. */
  readonly shared?: number;
}

/** Above every drop and default of the same tables. */
const basePriority = 1000;

/**
 * Adds the flows that lead each prefix of `steps` to its actions. `specOf` makes the match for bits of the field; what
 * else it matches (port, party) keys the walk, and packets of other keys are not looked at.
 */
export function addWalk(
  sink: FlowSink,
  { strides, from, tables }: Walk,
  steps: readonly Step[],
  specOf: (bits: MaskedBits) => MatchSpec,
  options: WalkOptions = {},
): void {
  const ends = endsOf(strides, from);
  const width = ends.at(-1) as number;
  const maskOf = (length: number) => (1n << BigInt(width)) - (1n << BigInt(width - length));
  const specAt = (value: bigint, length: number) => specOf({ value, mask: maskOf(length) });
  const onwards = options.onwards ?? ((stride) => tables[stride + 1] as Table);
  const alike = sharedStages(ends, Math.min(options.shared ?? 0, sharedLength(steps, width)));
  const byLength = new Map<number, Map<bigint, Step>>();
  for (const step of steps) {
    const same = byLength.get(step.length) ?? new Map<bigint, Step>();
    byLength.set(step.length, same.set(step.value, step));
  }
  const lengths = [...byLength.keys()].sort((a, b) => b - a);
  /** What a packet that leaves the walk below this prefix falls back to. */
  const inherited = (value: bigint, length: number): Step | undefined => {
    for (const shorter of lengths)
      if (shorter <= length) {
        const step = byLength.get(shorter)?.get(value & maskOf(shorter));
        if (step !== undefined) return step;
      }
    return undefined;
  };
  const passed = tables.map(() => new Set<bigint>());
  const priorityOf = lieApart(steps, width) ? shortFirst : longFirst;
  for (const step of steps) {
    const last = ends.findIndex((end) => step.length <= end);
    const table = tables[last];
    if (table === undefined) throw new RangeError(`no stride for ${step.length} bits`);
    sink.add(
      table,
      priorityOf(step.length, ends[last] as number),
      specAt(step.value, step.length),
      step.actions,
      step.why,
    );
    for (let at = 0; at < last; at++) {
      const length = ends[at] as number;
      const mask = alike[at] ?? maskOf(length);
      const value = step.value & mask;
      const seen = passed[at] as Set<bigint>;
      if (seen.has(value)) continue;
      seen.add(value);
      const spec = specOf({ value, mask });
      const on = [sink.goTo(onwards(at))];
      sink.add(tables[at] as Table, basePriority + 2 * length + 1, spec, on, "walk on");
      if (alike[at] !== undefined) continue;
      const fallback = inherited(value, length);
      if (fallback !== undefined)
        sink.add(
          tables[at + 1] as Table,
          basePriority + 2 * length,
          spec,
          fallback.actions,
          fallback.why,
        );
    }
  }
}

function longFirst(length: number): number {
  return basePriority + 2 * length;
}

/**
 * OVS looks in the masks of higher priorities first, and what it has looked at by then is in the megaflow. Where it cannot
 * change what wins, the short prefixes that end in a stride are before the long ones and the ways on: each has its own bits
 * alone in its megaflow, and those after it look at them anyway.
 */
function shortFirst(length: number, end: number): number {
  return length === 0 ? basePriority : longFirst(2 * end - length);
}

/** No step is inside another, but that of no bits around all. */
function lieApart(steps: readonly Step[], width: number): boolean {
  const ordered = steps
    .filter(({ length }) => length > 0)
    .sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : a.length - b.length));
  return ordered.every(({ value, length }, at) => {
    const next = ordered[at + 1];
    return next === undefined || (next.value ^ value) >> BigInt(width - length) !== 0n;
  });
}

/** How many leading bits all steps share. */
export function sharedLength(steps: readonly Step[], width: number): number {
  const [first] = steps;
  if (first === undefined) return 0;
  return steps.reduce((shared, { value, length }) => {
    const shorter = Math.min(shared, length);
    const differing = (value ^ first.value) >> BigInt(width - shorter);
    return differing === 0n ? shorter : shorter - differing.toString(2).length;
  }, width);
}

/**
 * The bits of the strides that lie within `length`: the first, then from the low end, for it is there that addresses
 * that were made up mostly differ. (ovs-ofctl 3.1 cannot read a mask of IPv6 that begins with a digit, so the first is.)
 */
function sharedStages(ends: readonly number[], length: number): bigint[] {
  const width = ends.at(-1) as number;
  const within = ends.filter((end) => end <= length);
  const bitsAbove = (end: number) => (1n << BigInt(width)) - (1n << BigInt(width - end));
  const [top = 0, ...below] = within;
  const all = bitsAbove(within.at(-1) ?? 0);
  // before the last stride nothing is left out, before the first all of the others are
  const outside = below.map((_, at) => bitsAbove(within[at] as number)).toReversed();
  return within.length === 0
    ? []
    : [bitsAbove(top), ...outside.map((open) => (all & ~open) | bitsAbove(top))];
}

/**
 * The same for the few values of a field that one endpoint may have: each stage looks at its bits and at those of the
 * stages before. `actions` follow the last.
 */
export function addExactWalk(
  sink: FlowSink,
  { stages, tables }: ExactWalk,
  values: readonly bigint[],
  actions: readonly Action[],
  why: Why,
  specOf: (bits: MaskedBits) => MatchSpec,
): void {
  for (const [at, mask] of stages.entries()) {
    const next = at + 1 < stages.length ? tables[at + 1] : undefined;
    for (const value of new Set(values.map((one) => one & mask)))
      sink.add(
        tables[at] as Table,
        basePriority,
        specOf({ value, mask }),
        next === undefined ? actions : [sink.goTo(next)],
        next === undefined ? why : "walk on",
      );
  }
}

/** The later of two steps for the same prefix takes the place of the earlier. */
export function withoutDoubles(steps: readonly Step[]): Step[] {
  return [...new Map(steps.map((step) => [`${step.length} ${step.value}`, step])).values()];
}

/** Where a walk begins. */
export function firstOf({ tables }: Pick<Walk, "tables">): Table {
  return tables[0] as Table;
}
