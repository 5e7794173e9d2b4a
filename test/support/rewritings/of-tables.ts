/** Other words for how tables lead on to each other. */

import type { Action } from "../../../src/openflow/action.js";
import { fieldOf } from "../../../src/openflow/field.js";
import type { Flow } from "../../../src/openflow/flow.js";
import type { FieldMatch, Match } from "../../../src/openflow/match.js";
import type { Draft } from "./draft.js";
import { indexOf, withBits } from "./match-bits.js";

const lastTable = 253;
const everything: Match = { fields: [] };

type Leading = Flow & { readonly target: number };

/** The flow with the table that its `goto_table` names. */
export function leading(flow: Flow | undefined): Leading | undefined {
  const last = flow?.actions.at(-1);
  return flow !== undefined && last?.kind === "goto" ? { ...flow, target: last.table } : undefined;
}

function leadsOn(flow: Flow): boolean {
  return leading(flow) !== undefined;
}

/** The least table that flows lead to. */
function firstTarget(flows: readonly Flow[]): number {
  return Math.min(lastTable + 1, ...flows.map((flow) => leading(flow)?.target ?? lastTable + 1));
}

/** Tables with other numbers, in the same order. */
export function spreadTables(draft: Draft): boolean {
  const [first, ...others] = draft.tables();
  const all = Array.from({ length: lastTable }, (_, index) => index + 1);
  const numbers = draft.random.shuffled(all).slice(0, others.length);
  numbers.sort((one, other) => one - other);
  const renumbered = new Map(others.map((table, at) => [table, numbers[at] as number]));
  // packets come in at table 0
  draft.renumberTables(renumbered.set(first as number, 0));
  return first === 0;
}

/** Priorities of a table with other numbers, in the same order. */
export function spreadPriorities(draft: Draft): boolean {
  const { random } = draft;
  spread(draft, random.pick(draft.tables()), () => random.below(50));
  return true;
}

export function spread(draft: Draft, table: number, gap: () => number): void {
  const old = [...new Set(draft.ofTable(table).map(({ priority }) => priority))];
  old.sort((one, other) => one - other);
  const numbers = new Map<number, number>();
  let next = 0;
  for (const priority of old) {
    next += gap();
    numbers.set(priority, next++);
  }
  draft.flows = draft.flows.map((flow) =>
    flow.table === table ? { ...flow, priority: numbers.get(flow.priority) ?? 0 } : flow,
  );
}

/** The flows of the lower priorities in a table behind, to which what the others do not take is led. */
export function halved(draft: Draft): boolean {
  const { random } = draft;
  const chosen = draft.some(
    ({ table, priority }) => priority > 0 && draft.hasRoom(table, table + 9),
  );
  if (chosen === undefined) return false;
  const { table, priority } = chosen;
  const lower = draft.ofTable(table).filter((flow) => flow.priority < priority);
  if (lower.length === 0) return false;
  const behind = draft.newTable(table, firstTarget(lower));
  if (behind === undefined) return false;
  const on: Action = random.chance(0.7) || !draft.mayResubmit() ? gotoTable(behind) : again(behind);
  const cookie = draft.cookie();
  draft.flows = draft.flows.map((flow) =>
    flow.table === table && flow.priority < priority ? { ...flow, table: behind } : flow,
  );
  const rest = priority - 1 - random.below(priority);
  draft.add({ table, priority: rest, cookie, match: everything, actions: [on] });
  return true;
}

/** A way on over a table with nothing but a way on. */
export function detour(draft: Draft): boolean {
  const flow = leading(draft.some((one) => draft.hasRoom(one.table, leading(one)?.target ?? 0)));
  const between = flow && draft.newTable(flow.table, flow.target);
  if (flow === undefined || between === undefined) return false;
  const { table, target } = flow;
  const isMoved = (one: Flow) => one.table === table && leading(one)?.target === target;
  // one of them, or all that lead the same way
  const isAll = draft.random.chance(0.5);
  draft.flows = draft.flows.map((one) =>
    isMoved(one) && (isAll || one.match === flow.match)
      ? { ...one, actions: [...one.actions.slice(0, -1), gotoTable(between)] }
      : one,
  );
  const [priority, cookie] = [draft.random.below(65536), draft.cookie()];
  draft.add({ table: between, priority, cookie, match: everything, actions: [gotoTable(target)] });
  return true;
}

/** `resubmit` at the end of a list, for `goto_table`. */
export function resubmitted(draft: Draft): boolean {
  const flow = draft.some(leadsOn);
  const on = leading(flow);
  if (flow === undefined || on === undefined || !draft.mayResubmit()) return false;
  draft.replace(flow, [{ ...flow, actions: [...flow.actions.slice(0, -1), again(on.target)] }]);
  return true;
}

/** The first actions of a list in a table of their own, which comes back. */
export function aside(draft: Draft): boolean {
  const flow = draft.plain(({ actions }) => actions.length > 1);
  if (flow === undefined) return false;
  const count = 1 + draft.random.below(flow.actions.length - 1);
  const table = draft.newTable();
  if (table === undefined || !draft.mayResubmit()) return false;
  const { cookie } = flow;
  const [first, rest] = [flow.actions.slice(0, count), flow.actions.slice(count)];
  draft.replace(flow, [{ ...flow, actions: [again(table), ...rest] }]);
  draft.add({
    table,
    priority: draft.random.below(65536),
    cookie,
    match: everything,
    actions: first,
  });
  return true;
}

/** What a match asks of the packet is asked in a table before, and told by a register. */
export function flagged(draft: Draft): boolean {
  const { random } = draft;
  const flow = draft.plain(({ table, match }) => {
    const before = Math.max(0, ...draft.tables().filter((one) => one < table));
    return match.fields.length > 0 && draft.hasRoom(before, table);
  });
  if (flow === undefined || flow.match.unknown !== undefined) return false;
  const { table } = flow;
  const sources = draft.flows.filter(({ actions }) => actions.some((one) => leadsTo(one, table)));
  if (sources.some(({ actions }) => leading({ ...flow, actions })?.target !== table)) return false;
  const before = draft.newTable(Math.max(0, ...sources.map((one) => one.table)), table);
  const flag = before === undefined ? undefined : draft.flag();
  if (before === undefined || flag === undefined) return false;
  const asked = random
    .some(flow.match.fields, 1)
    .sort((one, other) => indexOf(one) - indexOf(other));
  // the others stay beside them, for what they need
  const bits = new Set(asked.map(({ field }) => field));
  const isNeed = ({ field }: FieldMatch) =>
    ["dl_type", "nw_proto"].includes(field) || field.startsWith("icmpv6_");
  const match: Match = {
    fields: flow.match.fields.filter((one) => bits.has(one.field) || isNeed(one)),
  };
  const cookie = draft.cookie();
  const set: Action = { kind: "set", field: flag, value: 1n };
  const kept = flow.match.fields.filter((one) => !bits.has(one.field) || isNeed(one));
  const told = withBits({ ...flow.match, fields: kept }, flag, 1n, fieldOf(flag).full);
  draft.flows = draft.flows.map((one) => {
    if (one === flow) return { ...one, match: told };
    if (leading(one)?.target !== table) return one;
    return { ...one, actions: [...one.actions.slice(0, -1), gotoTable(before)] };
  });
  draft.add(
    { table: before, priority: 2, cookie, match, actions: [set, gotoTable(table)] },
    { table: before, priority: 1, cookie, match: everything, actions: [gotoTable(table)] },
  );
  return true;
}

function leadsTo(action: Action, table: number): boolean {
  return (action.kind === "goto" || action.kind === "resubmit") && action.table === table;
}

function gotoTable(table: number): Action {
  return { kind: "goto", table };
}

function again(table: number): Action {
  return { kind: "resubmit", table };
}
