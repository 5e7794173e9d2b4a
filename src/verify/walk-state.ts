/** Packets on their way through the tables: as they came in, as they are now, and what was done with them so far. */

import type { ActionSet } from "../openflow/action-set.js";
import type { FieldName } from "../openflow/field.js";
import type { Flow } from "../openflow/flow.js";
import { bitsOf, type Cube, narrow } from "./cube.js";

export interface Output {
  readonly port: string;
  /** What was rewritten before, see `changesBetween`. */
  readonly changes: string;
}

export interface State {
  readonly origin: Cube;
  readonly now: Cube;
  readonly passed: Passed | undefined;
  readonly outputs: readonly Output[];
  readonly actionSet: ActionSet;
  /** Lookups beside the first. */
  readonly resubmits: number;
}

/** The flows that took the packets, the last one first: parts of a cube share those before they parted. */
export interface Passed {
  readonly flow: Flow;
  readonly before: Passed | undefined;
}

export function through(state: State, flow: Flow): State {
  const { origin, now, passed, outputs, actionSet, resubmits } = state;
  return { origin, now, passed: { flow, before: passed }, outputs, actionSet, resubmits };
}

export function pathOf(state: State): Flow[] {
  const path: Flow[] = [];
  for (let at = state.passed; at !== undefined; at = at.before) path.push(at.flow);
  return path.reverse();
}

/** The packets that the flow takes. */
export function inside(state: State, flow: Flow): State {
  let narrowed = state;
  for (const { field, value, mask } of flow.match.fields)
    narrowed = narrowState(narrowed, field, value, mask & ~bitsOf(narrowed.now, field).mask);
  return narrowed;
}

/** The packets outside, as disjoint cubes: the first differing bit is flipped, those before it agree. */
export function outside(state: State, flow: Flow): State[] {
  const parts: State[] = [];
  let agreed = state;
  for (const { field, value, mask } of flow.match.fields) {
    let open = mask & ~bitsOf(agreed.now, field).mask;
    while (open !== 0n) {
      const bit = open & -open;
      open ^= bit;
      parts.push(narrowState(agreed, field, ~value & bit, bit));
      agreed = narrowState(agreed, field, value & bit, bit);
    }
  }
  return parts;
}

/** Learns bits of a field as it is now, and so of the packet as it came and of every copy made since. */
function narrowState(state: State, field: FieldName, value: bigint, mask: bigint): State {
  if (mask === 0n) return state;
  const { from } = bitsOf(state.now, field);
  let now = state.now;
  for (const [other, bits] of state.now)
    if (bits.from === from && (mask & ~bits.mask) !== 0n)
      now = narrow(now, other, value, mask & ~bits.mask);
  now = narrow(now, field, value, mask & ~bitsOf(now, field).mask);
  return { ...state, now, origin: narrow(state.origin, from, value, mask) };
}
