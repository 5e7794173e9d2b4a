/**
 * What tables do with every packet of a cube. Where a flow takes only some of them the cube is cut in two, so the
 * answer is exact: no packet is sampled.
 */

import type { Action } from "../openflow/action.js";
import { type FieldName, fieldOf } from "../openflow/field.js";
import type { Flow } from "../openflow/flow.js";
import { deepestResubmit, lookupsAfter, mostLookups } from "../openflow/lookup-limit.js";
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
  /** See `lookupsAfter`. */
  readonly lookups: number;
}

/** Where packets are looked up. */
interface Visit {
  readonly pipeline: Pipeline;
  readonly inPort: string;
  /** What the lookup takes for it: `resubmit` may say another. */
  readonly asPort: string;
  readonly table: number;
  /** How many lists wait for this one to end. */
  readonly depth: number;
}

interface Ended {
  readonly state: State;
  readonly opaque?: string;
}

/** Ends early if the caller stops asking. Its parts are disjoint and make up the whole cube. */
export function* walk(pipeline: Pipeline, inPort: string, cube: Cube): Generator<Treatment> {
  const state: State = { origin: cube, now: cube, path: [], outputs: [], lookups: 0 };
  const visit = { pipeline, inPort, asPort: inPort, table: pipeline.index.first, depth: 0 };
  for (const { state: ended, opaque } of enter(visit, state)) {
    const { origin, path, outputs } = ended;
    yield { packets: origin, path, outputs, ...(opaque === undefined ? {} : { opaque }) };
  }
}

function* enter(visit: Visit, entered: State): Generator<Ended> {
  let rest: State[] = [entered];
  const { pipeline, table, asPort } = visit;
  for (const flow of candidatesIn(pipeline.index, table, entered.now, asPort)) {
    const left: State[] = [];
    for (const state of rest) {
      const overlap = overlapOf(flow, state.now);
      if (overlap === "none") left.push(state);
      else if (flow.match.unknown !== undefined)
        // whether it takes the packet cannot be known
        yield { state: through(state, flow), opaque: flow.match.unknown.join(",") };
      else if (overlap === "all") yield* act(visit, flow.actions, 0, through(state, flow));
      else {
        yield* act(visit, flow.actions, 0, through(inside(state, flow), flow));
        left.push(...outside(state, flow));
      }
    }
    rest = left;
    if (rest.length === 0) return;
  }
  // OpenFlow 1.3 and later: a table miss drops
  for (const state of rest) yield { state };
}

function through(state: State, flow: Flow): State {
  return { ...state, path: [...state.path, flow] };
}

function* act(
  visit: Visit,
  actions: readonly Action[],
  from: number,
  entered: State,
): Generator<Ended> {
  let state = entered;
  for (let at = from; at < actions.length; at++) {
    const action = actions[at] as Action;
    switch (action.kind) {
      case "goto": {
        const { table } = action;
        const lookups = state.lookups === 0 ? 0 : state.lookups + 1;
        // forward only (OpenFlow 1.4, section 5.1), so the walk ends
        if (table <= visit.table) yield { state, opaque: `goto_table:${table}` };
        else yield* enter({ ...visit, table, asPort: visit.inPort }, { ...state, lookups });
        return;
      }
      case "resubmit":
        // what stands behind it is done afterwards, with the packet as it is then
        for (const ended of resubmit(visit, action, state))
          if (ended.opaque !== undefined) yield ended;
          else yield* act(visit, actions, at + 1, ended.state);
        return;
      case "unknown":
        return yield { state, opaque: action.text };
      case "conjunction":
        return yield { state, opaque: action.kind };
      case "set":
      case "move":
      case "output":
        state = apply(visit.pipeline, visit.inPort, action, state);
    }
  }
  yield { state };
}

function* resubmit(
  visit: Visit,
  { port, table }: Action & { readonly kind: "resubmit" },
  state: State,
): Generator<Ended> {
  const { names, bridge } = visit.pipeline;
  const lookups = lookupsAfter(state.lookups, visit.table);
  if (visit.depth >= deepestResubmit || lookups > mostLookups)
    return yield { state, opaque: "resubmit" };
  const name = port === undefined ? backToSender : openflowPortName(port, names, bridge);
  const asPort = name === backToSender ? visit.inPort : name;
  const next = { ...visit, table: table ?? visit.table, asPort, depth: visit.depth + 1 };
  yield* enter(next, { ...state, lookups });
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
