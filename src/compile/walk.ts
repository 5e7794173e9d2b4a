/**
 * Checks a field in strides of a few bits, one table each.
 *
 * OVS keeps no prefix trie for MAC addresses, ARP fields and (before 3.5) IPv6 addresses: one exact match that misses
 * makes the whole field exact, and every spoofed value a megaflow of its own. In a walk a packet stops at its first
 * wrong stride, with only the bits up to there in its megaflow; a right one passes with the same megaflow as before.
 * Each step matches the whole prefix so far, whose bits are in the megaflow anyway, so no state has to be carried.
 */

import type { Action } from "../openflow/action.js";
import type { MatchSpec } from "../openflow/match-spec.js";
import type { Table } from "./compiled-rail.js";
import type { FlowSink, Why } from "./flow-sink.js";
import type { Walk } from "./pipeline.js";
import { endsOf, type Strides } from "./strides.js";

/** The longest prefix wins; `value` has no bits past `length`. */
export interface Step {
  readonly value: bigint;
  readonly length: number;
  readonly actions: readonly Action[];
  readonly why: Why;
}

/** Above every drop and default of the same tables; a longer prefix has the higher priority. */
const basePriority = 1000;

/**
 * Adds the flows that lead each prefix of `steps` to its actions. `specOf` makes the match for a prefix of the field;
 * what else it matches (port, party) keys the walk, and packets of other keys are not looked at. `onwards` is where
 * they go after a stride: to the next, unless something stands between that leads there.
 */
export function addWalk(
  sink: FlowSink,
  walk: Walk,
  steps: readonly Step[],
  specOf: (value: bigint, length: number) => MatchSpec,
  onwards: (stride: number) => Table = (stride) => walk.tables[stride + 1] as Table,
): void {
  const { strides, from, tables } = walk;
  const ends = endsOf(strides, from);
  const bits = BigInt(ends.at(-1) as number);
  const head = (value: bigint, length: number) => {
    const shift = bits - BigInt(length);
    return (value >> shift) << shift;
  };
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
        const step = byLength.get(shorter)?.get(head(value, shorter));
        if (step !== undefined) return step;
      }
    return undefined;
  };
  const passed = tables.map(() => new Set<bigint>());
  for (const step of steps) {
    const last = ends.findIndex((end) => step.length <= end);
    const table = tables[last];
    if (table === undefined) throw new RangeError(`no stride for ${step.length} bits`);
    sink.add(
      table,
      basePriority + 2 * step.length,
      specOf(step.value, step.length),
      step.actions,
      step.why,
    );
    for (let at = 0; at < last; at++) {
      const length = ends[at] as number;
      const value = head(step.value, length);
      const seen = passed[at] as Set<bigint>;
      if (seen.has(value)) continue;
      seen.add(value);
      const here = tables[at] as (typeof tables)[number];
      const next = tables[at + 1] as (typeof tables)[number];
      const spec = specOf(value, length);
      const on = [sink.goTo(onwards(at))];
      sink.add(here, basePriority + 2 * length + 1, spec, on, "walk on");
      const fallback = inherited(value, length);
      if (fallback !== undefined)
        sink.add(next, basePriority + 2 * length, spec, fallback.actions, fallback.why);
    }
  }
}

/** Above every pass of the same table: the first wrong stride ends the lookup. */
const screenPriority = 30_000;

/**
 * The same walk in one table: at each stride a drop for every wrong value, shorter prefixes first, so that a packet's
 * megaflow ends at its first wrong stride too. It takes 15 flows a stride in place of one, so it is for what a whole
 * rail shares, where it saves tables. Every length in `steps` is the end of a stride.
 */
export function addScreen(
  sink: FlowSink,
  table: Table,
  strides: Strides,
  steps: readonly Step[],
  specOf: (value: bigint, length: number) => MatchSpec,
): void {
  const ended = new Set(steps.map(({ value, length }) => `${length} ${value}`));
  const ends = endsOf(strides);
  const bits = ends.at(-1) as number;
  let nodes = new Set([0n]);
  for (const [at, length] of ends.entries()) {
    const shift = BigInt(bits - length);
    const right = new Set(
      steps.filter((step) => step.length >= length).map(({ value }) => (value >> shift) << shift),
    );
    for (const node of nodes)
      for (let digit = 0n; digit < 1n << BigInt(strides[at] as number); digit++) {
        const value = node | (digit << shift);
        if (!right.has(value))
          sink.add(table, screenPriority - 2 * length, specOf(value, length), [], "a wrong stride");
      }
    for (const step of steps)
      if (step.length === length)
        sink.add(
          table,
          screenPriority - 2 * length - 1,
          specOf(step.value, length),
          step.actions,
          step.why,
        );
    nodes = new Set([...right].filter((value) => !ended.has(`${length} ${value}`)));
  }
}

/** The later of two steps for the same prefix takes the place of the earlier. */
export function withoutDoubles(steps: readonly Step[]): Step[] {
  return [...new Map(steps.map((step) => [`${step.length} ${step.value}`, step])).values()];
}

/** Where a walk begins. */
export function firstOf({ tables }: Walk): Table {
  return tables[0] as Table;
}

/** The first `length` bits of an Ethernet address. */
export function macMask(value: bigint, length: number): { value: bigint; mask: bigint } {
  return { value, mask: (1n << 48n) - (1n << BigInt(48 - length)) };
}
