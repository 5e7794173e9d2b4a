/**
 * Which flows of a table take which packets of a cube. Where a flow takes only some of them the cube is cut in two, so
 * the answer is exact; where it is open which flow counts, that is the answer.
 */

import { conjoined, isConjunctive } from "../openflow/conjunction.js";
import type { Flow } from "../openflow/flow.js";
import { printActions } from "../openflow/print.js";
import { bitsOf, withBits } from "./cube.js";
import { candidatesAgain, candidatesIn, overlapOf, type TableIndex } from "./table-index.js";
import { inside, outside, type State, through } from "./walk-state.js";

export interface Taken {
  readonly state: State;
  /** None where no flow matches. */
  readonly flow?: Flow;
  /** Why it cannot be known what becomes of them. */
  readonly opaque?: string;
}

export interface Arrival {
  readonly index: TableIndex;
  readonly table: number;
  /** What the lookup takes for the port. */
  readonly asPort: string;
}

/** More parts than any sane table of conjunctive flows cuts the packets of a megaflow into. */
const mostParts = 1024;

/** Disjoint parts, which make up the whole. */
export function takenIn(arrival: Arrival, state: State): readonly Taken[] {
  const { index, table, asPort } = arrival;
  const candidates = candidatesIn(index, table, state.now, asPort);
  const { flows } = candidates;
  const [flow] = flows;
  if (candidates.isOne && flow !== undefined) return [{ state: through(state, flow), flow }];
  if (candidates.isConjunctive) return takenTogether(arrival, state, flows);
  return takenInTurn(state, flows);
}

/** `candidates` are ordered by falling priority. */
function takenInTurn(entered: State, candidates: readonly Flow[]): readonly Taken[] {
  const taken: Taken[] = [];
  let rest: State[] = [entered];
  for (const [at, flow] of candidates.entries()) {
    const left: State[] = [];
    for (const state of rest) {
      const overlap = overlapOf(flow, state.now);
      if (overlap === "none") left.push(state);
      else if (flow.match.unknown !== undefined) taken.push(unreadable(state, flow));
      else if (overlap === "all") addTaken(taken, state, at, candidates);
      else {
        addTaken(taken, inside(state, flow), at, candidates);
        left.push(...outside(state, flow));
      }
    }
    rest = left;
    if (rest.length === 0) break;
  }
  for (const state of rest) taken.push({ state });
  return taken;
}

/** Of flows of one priority Open vSwitch takes either (OpenFlow 1.4, section 5.3: undefined). */
function addTaken(taken: Taken[], state: State, at: number, candidates: readonly Flow[]): void {
  const flow = candidates[at] as Flow;
  let alone: State[] = [state];
  for (let next = at + 1; candidates[next]?.priority === flow.priority; next++) {
    const rival = candidates[next] as Flow;
    const left: State[] = [];
    for (const part of alone) {
      const overlap = overlapOf(rival, part.now);
      if (overlap === "none" || doTheSame(flow, rival)) left.push(part);
      else if (overlap === "all") taken.push(ambiguous(part, flow));
      else {
        taken.push(ambiguous(inside(part, rival), flow));
        left.push(...outside(part, rival));
      }
    }
    alone = left;
  }
  for (const part of alone) taken.push({ state: through(part, flow), flow });
}

/** Cut until each flow takes all of a part or nothing: as for single packets (`evaluate`) from there on. */
function takenTogether(
  arrival: Arrival,
  entered: State,
  candidates: readonly Flow[],
): readonly Taken[] {
  const unread = candidates.find(({ match }) => match.unknown !== undefined);
  if (unread !== undefined) return [unreadable(entered, unread)];
  let parts: State[] = [entered];
  for (const flow of candidates) {
    parts = parts.flatMap((part) =>
      overlapOf(flow, part.now) === "some" ? [inside(part, flow), ...outside(part, flow)] : [part],
    );
    if (parts.length > mostParts) return [{ state: entered, opaque: "conjunction" }];
  }
  return parts.flatMap((part) => {
    const met = candidates.filter((flow) => overlapOf(flow, part.now) === "all");
    return takenOf(arrival, part, met);
  });
}

/** Packets that meet those flows: classifier_lookup__() of lib/classifier.c. */
function takenOf(arrival: Arrival, part: State, met: readonly Flow[]): readonly Taken[] {
  const taken: Taken[] = [];
  let left: readonly State[] = [part];
  for (const priority of new Set(met.map((flow) => flow.priority))) {
    const level = met.filter((flow) => flow.priority === priority);
    const hard = level.filter((flow) => !isConjunctive(flow));
    const soft = level.filter(isConjunctive);
    const result = conjoined(soft.flatMap(({ actions }) => actions));
    if (result === "unclear")
      return [...taken, ...left.map((state) => ({ state, opaque: "conjunction" }))];
    if (result !== "nothing") {
      const again = left.flatMap((state) => takenAs(arrival, state, result.id));
      left = again.filter(({ flow, opaque }) => (flow ?? opaque) === undefined).map(stateOf);
      for (const one of again)
        if (one.opaque !== undefined) taken.push(one);
        else if (one.flow !== undefined)
          // beside a plain flow of their priority: "unpredictable", says ovs-fields(7)
          taken.push(
            hard.every((flow) => doTheSame(flow, one.flow as Flow))
              ? one
              : ambiguous(one.state, one.flow),
          );
    }
    const [flow, ...others] = hard;
    if (flow === undefined) continue;
    const isClear = others.every((other) => doTheSame(flow, other));
    for (const state of left)
      taken.push(isClear ? { state: through(state, flow), flow } : ambiguous(state, flow));
    return taken;
  }
  for (const state of left) taken.push({ state });
  return taken;
}

/** The second lookup of packets that meet a flow of each dimension. */
function takenAs({ index, table, asPort }: Arrival, state: State, id: bigint): readonly Taken[] {
  const before = bitsOf(state.now, "conj_id");
  const now = withBits(state.now, "conj_id", { ...before, value: id });
  const candidates = candidatesAgain(index, table, now, asPort);
  return takenInTurn({ ...state, now }, candidates).map((one) => ({
    ...one,
    state: { ...one.state, now: withBits(one.state.now, "conj_id", before) },
  }));
}

function stateOf({ state }: Taken): State {
  return state;
}

function doTheSame(one: Flow, other: Flow): boolean {
  return one.actions === other.actions || printActions(one.actions) === printActions(other.actions);
}

/** Whether such a flow takes the packets cannot be known. */
function unreadable(state: State, flow: Flow): Taken {
  return { state: through(state, flow), opaque: (flow.match.unknown ?? []).join(",") };
}

function ambiguous(state: State, flow: Flow): Taken {
  return { state: through(state, flow), opaque: `two flows of priority ${flow.priority}` };
}
