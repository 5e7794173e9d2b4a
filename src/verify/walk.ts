/**
 * What tables do with every packet of a cube. Where a flow takes only some of them the cube is cut in two, so the
 * answer is exact: no packet is sampled.
 */

import type { Action } from "../openflow/action.js";
import { type FieldName, fieldOf } from "../openflow/field.js";
import type { Flow } from "../openflow/flow.js";
import { bitsOf, type Cube, changesBetween, narrow, withBits } from "./cube.js";
import { backToSender, openflowPortName, type PortNames } from "./port-names.js";
import { candidatesIn, overlapOf, type TableIndex } from "./table-index.js";

/** One part of the packets, all treated alike. */
export interface Treatment {
  /** As they came in. */
  readonly packets: Cube;
  readonly path: readonly Flow[];
  readonly outputs: readonly Output[];
  /** An action that the reader does not know: what follows from it is open. */
  readonly opaque?: string;
}

export interface Output {
  readonly port: string;
  /** What was rewritten before, see `changesBetween`. */
  readonly changes: string;
}

export interface Pipeline {
  readonly index: TableIndex;
  readonly names: PortNames;
  readonly bridge: string;
}

interface State {
  readonly origin: Cube;
  readonly now: Cube;
  readonly path: readonly Flow[];
  readonly outputs: readonly Output[];
}

/** Ends early if the caller stops asking. Its parts are disjoint and make up the whole cube. */
export function* walk(pipeline: Pipeline, inPort: string, cube: Cube): Generator<Treatment> {
  const state: State = { origin: cube, now: cube, path: [], outputs: [] };
  yield* enter(pipeline, inPort, pipeline.index.first, state);
}

function* enter(
  pipeline: Pipeline,
  inPort: string,
  table: number,
  entered: State,
): Generator<Treatment> {
  let rest: State[] = [entered];
  for (const flow of candidatesIn(pipeline.index, table, entered.now, inPort)) {
    const left: State[] = [];
    for (const state of rest) {
      const overlap = overlapOf(flow, state.now);
      if (overlap === "none") left.push(state);
      else if (flow.match.unknown !== undefined)
        // whether it takes the packet cannot be known
        yield treatment({ ...state, path: [...state.path, flow] }, flow.match.unknown.join(","));
      else if (overlap === "all") yield* run(pipeline, inPort, table, flow, state);
      else {
        yield* run(pipeline, inPort, table, flow, inside(state, flow));
        left.push(...outside(state, flow));
      }
    }
    rest = left;
    if (rest.length === 0) return;
  }
  // OpenFlow 1.3 and later: a table miss drops
  for (const state of rest) yield treatment(state);
}

function* run(
  pipeline: Pipeline,
  inPort: string,
  table: number,
  flow: Flow,
  entered: State,
): Generator<Treatment> {
  let state: State = { ...entered, path: [...entered.path, flow] };
  for (const action of flow.actions) {
    if (action.kind === "goto") {
      // forward only (OpenFlow 1.4, section 5.1), so the walk ends
      if (action.table <= table) yield treatment(state, `goto_table:${action.table}`);
      else yield* enter(pipeline, inPort, action.table, state);
      return;
    }
    if (action.kind === "unknown") return yield treatment(state, action.text);
    if (action.kind === "resubmit" || action.kind === "conjunction")
      return yield treatment(state, action.kind);
    state = apply(pipeline, inPort, action, state);
  }
  yield treatment(state);
}

function apply(
  pipeline: Pipeline,
  inPort: string,
  action: Exclude<Action, { kind: "goto" | "unknown" | "resubmit" | "conjunction" }>,
  state: State,
): State {
  switch (action.kind) {
    case "set":
      return { ...state, now: setBits(state.now, action.field, action.value, action.mask) };
    case "move":
      return { ...state, now: withBits(state.now, action.to, bitsOf(state.now, action.from)) };
    case "output": {
      const name = openflowPortName(action.port, pipeline.names, pipeline.bridge);
      // OVS never sends a packet back where it came from unless told IN_PORT
      if (name === inPort) return state;
      const port = name === backToSender ? inPort : name;
      const changes = changesBetween(state.origin, state.now);
      return { ...state, outputs: [...state.outputs, { port, changes }] };
    }
  }
}

export function setBits(
  cube: Cube,
  field: FieldName,
  value: bigint,
  mask: bigint | undefined,
): Cube {
  const before = bitsOf(cube, field);
  if (mask === undefined)
    return withBits(cube, field, { value, mask: fieldOf(field).full, from: field });
  return withBits(cube, field, {
    value: (before.value & ~mask) | (value & mask),
    mask: before.mask | mask,
    from: before.from,
  });
}

function inside(state: State, flow: Flow): State {
  let narrowed = state;
  for (const { field, value, mask } of flow.match.fields)
    narrowed = narrowState(narrowed, field, value, mask & ~bitsOf(narrowed.now, field).mask);
  return narrowed;
}

/** The packets outside, as disjoint cubes: the first differing bit is flipped, those before it agree. */
function outside(state: State, flow: Flow): State[] {
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

function treatment({ origin, path, outputs }: State, opaque?: string): Treatment {
  return { packets: origin, path, outputs, ...(opaque === undefined ? {} : { opaque }) };
}
