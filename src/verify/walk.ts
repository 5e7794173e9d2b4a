/**
 * What tables do with every packet of a cube. Where flows part its packets the cube is cut (taken.ts), so the answer is
 * exact: no packet is sampled.
 */

import type { Action, WrittenAction } from "../openflow/action.js";
import { actionsOfSet } from "../openflow/action-set.js";
import { discoveryFieldsOf, hasDiscoveryField } from "../openflow/discovery-fields.js";
import { type FieldName, fieldOf } from "../openflow/field.js";
import type { Flow } from "../openflow/flow.js";
import { deepens, deepestResubmit, mostResubmits } from "../openflow/lookup-limit.js";
import { controllerPort } from "../openflow/match.js";
import { printActions } from "../openflow/print.js";
import { bitsOf, type Cube, changesBetween, withBits } from "./cube.js";
import { backToSender, openflowPortName, type PortNames } from "./port-names.js";
import type { TableIndex } from "./table-index.js";
import { takenIn } from "./taken.js";
import { type Output, pathOf, type State } from "./walk-state.js";

/** One part of the packets, all treated alike. */
export interface Treatment {
  /** As they came in. */
  readonly packets: Cube;
  readonly path: readonly Flow[];
  readonly outputs: readonly Output[];
  /** An action or a match that cannot be followed: what comes of it is open. */
  readonly opaque?: string;
}

export type { Output };

export interface Pipeline {
  readonly index: TableIndex;
  readonly names: PortNames;
  readonly bridge: string;
}

/** What is left of a list of actions. */
interface List {
  readonly table: number;
  readonly actions: readonly Action[];
  readonly from: number;
  /** The list whose `resubmit` led here. */
  readonly waiting: List | undefined;
  /** How many it is inside of, see `deepens`. */
  readonly depth: number;
}

type Task =
  | { readonly do: "end"; readonly state: State; readonly opaque?: string }
  | { readonly do: "act"; readonly state: State; readonly list: List | undefined }
  | {
      readonly do: "look up";
      readonly state: State;
      readonly table: number;
      /** What the lookup takes for the port: `resubmit` may say another. */
      readonly asPort: string;
      readonly waiting: List | undefined;
      readonly depth: number;
    };

/** Ends early if the caller stops asking. Its parts are disjoint and make up the whole cube. */
export function* walk(pipeline: Pipeline, inPort: string, cube: Cube): Generator<Treatment> {
  const nothing = { passed: undefined, outputs: [], actionSet: [] };
  const state = { origin: cube, now: cube, ...nothing, resubmits: 0 };
  const { first } = pipeline.index;
  const tasks: Task[] = [
    { do: "look up", state, table: first, asPort: inPort, waiting: undefined, depth: 0 },
  ];
  // no recursion: tables are a hundred deep, and what is yielded would go through each of them
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop())
    if (task.do === "end") {
      const { origin, outputs } = task.state;
      const { opaque } = task;
      const path = pathOf(task.state);
      yield { packets: origin, path, outputs, ...(opaque === undefined ? {} : { opaque }) };
    } else if (task.do === "act") tasks.push(act(pipeline, inPort, task.state, task.list));
    else {
      const { table, asPort, waiting, depth } = task;
      const taken = takenIn({ index: pipeline.index, table, asPort }, task.state);
      for (let at = taken.length - 1; at >= 0; at--) {
        const { state: own, flow, opaque } = taken[at] as (typeof taken)[number];
        if (opaque !== undefined) tasks.push({ do: "end", state: own, opaque });
        // OpenFlow 1.3 and later: a table miss drops
        else if (flow === undefined) tasks.push({ do: "act", state: own, list: waiting });
        else {
          const list = { table, actions: flow.actions, from: 0, waiting, depth };
          tasks.push(act(pipeline, inPort, own, list));
        }
      }
    }
}

/** Up to the next lookup, or to the end. */
function act(pipeline: Pipeline, inPort: string, entered: State, first: List | undefined): Task {
  let state = entered;
  // what stands behind a `resubmit` is done when its list has ended, with the packet as it is then
  for (let list = first; list !== undefined; list = list.waiting)
    for (let at = list.from; at < list.actions.length; at++) {
      const action = list.actions[at] as Action;
      const presence = presenceOf(action, state);
      if (presence === "open") return { do: "end", state, opaque: printActions([action]) };
      if (presence === "absent") continue;
      switch (action.kind) {
        case "goto": {
          const { table } = action;
          // forward only (OpenFlow 1.4, section 5.1), so the walk ends
          if (table <= list.table) return { do: "end", state, opaque: `goto_table:${table}` };
          return goOn(state, list, { table, asPort: inPort, waiting: list.waiting });
        }
        case "resubmit":
          return resubmit(pipeline, inPort, state, action, { ...list, from: at + 1 });
        case "unknown":
          return { do: "end", state, opaque: action.text };
        case "conjunction":
          return { do: "end", state, opaque: action.kind };
        case "write-actions":
          state = { ...state, actionSet: [...state.actionSet, ...action.actions] };
          break;
        case "clear-actions":
          state = { ...state, actionSet: [] };
          break;
        case "note":
          break;
        case "set":
        case "move":
        case "output":
        case "controller":
        case "queue":
          state = apply(pipeline, inPort, action, state);
      }
    }
  for (const action of actionsOfSet(state.actionSet)) {
    const presence = presenceOf(action, state);
    if (presence === "open") return { do: "end", state, opaque: printActions([action]) };
    if (presence === "there") state = apply(pipeline, inPort, action, state);
  }
  return { do: "end", state };
}

function resubmit(
  { names, bridge }: Pipeline,
  inPort: string,
  state: State,
  { port, table }: Action & { readonly kind: "resubmit" },
  waiting: List,
): Task {
  const name = port === undefined ? backToSender : openflowPortName(port, names, bridge);
  const asPort = name === backToSender ? inPort : name;
  return goOn(state, waiting, { table: table ?? waiting.table, asPort, waiting });
}

/** Open vSwitch drops a packet that is led further than it follows, whatever was sent before (lookup-limit.ts). */
function goOn(
  state: State,
  from: List,
  next: { readonly table: number; readonly asPort: string; readonly waiting: List | undefined },
): Task {
  if (from.depth >= deepestResubmit || state.resubmits >= mostResubmits)
    return { do: "end", state: { ...state, outputs: [] } };
  const depth = from.depth + (deepens(from.table, next.table) ? 1 : 0);
  return { do: "look up", state: { ...state, resubmits: state.resubmits + 1 }, depth, ...next };
}

/** Whether the packets have what the action writes or copies: see discovery-fields.ts. */
function presenceOf(action: Action, { now }: State): "there" | "absent" | "open" {
  const asked = discoveryFieldsOf(action);
  if (asked.length === 0) return "there";
  const [type, code] = [bitsOf(now, "icmpv6_type"), bitsOf(now, "icmpv6_code")];
  if (type.mask !== fieldOf("icmpv6_type").full || code.mask !== fieldOf("icmpv6_code").full)
    return "open";
  return asked.every((name) => hasDiscoveryField(name, type.value, code.value))
    ? "there"
    : "absent";
}

function apply(pipeline: Pipeline, inPort: string, action: WrittenAction, state: State): State {
  switch (action.kind) {
    case "set":
      return { ...state, now: setBits(state.now, action.field, action.value, action.mask) };
    case "move":
      return { ...state, now: withBits(state.now, action.to, bitsOf(state.now, action.from)) };
    case "queue":
      return state;
    case "output":
    case "controller": {
      const to = action.kind === "output" ? action.port : controllerPort;
      const name = openflowPortName(to, pipeline.names, pipeline.bridge);
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
