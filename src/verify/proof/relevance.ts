/**
 * What a table, and all that it may lead to, can still look at. Registers that nobody asks for any more are forgotten,
 * so that packets which differ in nothing else are walked once.
 */

import type { Action } from "../../openflow/action.js";
import { fieldOf } from "../../openflow/field.js";
import type { Flow } from "../../openflow/flow.js";
import type { FlowTable } from "./flow-groups.js";
import { isScratchField, scratchFields } from "./header-bits.js";

/** Scratch fields by place, and the port behind them, as bits. */
export type Relevant = number;

export const portBit: Relevant = 1 << scratchFields;

export class Relevance {
  readonly #tables: ReadonlyMap<number, FlowTable>;
  readonly #known = new Map<number, Relevant>();
  #leadsBack: boolean | undefined;

  constructor(tables: ReadonlyMap<number, FlowTable>) {
    this.#tables = tables;
  }

  ofTable(number: number): Relevant {
    const known = this.#known.get(number);
    if (known !== undefined) return known;
    // every table that can be reached looks at what those behind it look at, however they lead into each other
    const reached = new Set([number]);
    let relevant: Relevant = 0;
    for (const at of reached) {
      const table = this.#tables.get(at);
      if (table === undefined) continue;
      relevant |= ownOf(table);
      for (const next of nextOf(table)) reached.add(next);
    }
    this.#known.set(number, relevant);
    return relevant;
  }

  /** Whether some table may be come to again from itself. */
  get leadsBack(): boolean {
    this.#leadsBack ??= [...this.#tables.keys()].some((table) =>
      this.#reachedFrom(table).has(table),
    );
    return this.#leadsBack;
  }

  #reachedFrom(table: number): ReadonlySet<number> {
    const reached = new Set(this.#nextOf(table));
    for (const at of reached) for (const next of this.#nextOf(at)) reached.add(next);
    return reached;
  }

  #nextOf(number: number): readonly number[] {
    const table = this.#tables.get(number);
    return table === undefined ? [] : nextOf(table);
  }

  /** Whether a flow that comes to the table adds nothing to what must be told apart there. */
  covers(table: FlowTable, flow: Flow): boolean {
    // it may close a circle
    if (flow.actions.some(({ kind }) => kind === "resubmit")) return false;
    const relevant = this.ofTable(table.number);
    return (this.ofActions(flow.actions, 0, table.number) & ~relevant) === 0;
  }

  /** Of the rest of a list of actions. */
  ofActions(actions: readonly Action[], from: number, table: number): Relevant {
    let relevant: Relevant = 0;
    for (let at = from; at < actions.length; at++) {
      const action = actions[at] as Action;
      relevant |= movedBy(action);
      const next = targetOf(action, table);
      if (next !== undefined) relevant |= this.ofTable(next);
    }
    return relevant;
  }
}

const own = new WeakMap<FlowTable, Relevant>();
const leads = new WeakMap<FlowTable, readonly number[]>();

function ownOf(table: FlowTable): Relevant {
  let relevant = own.get(table);
  if (relevant !== undefined) return relevant;
  relevant = table.matchesPort ? portBit : 0;
  for (const field of table.fields) if (isScratchField(field)) relevant |= 1 << field;
  for (const actions of listsOf(table)) for (const action of actions) relevant |= movedBy(action);
  own.set(table, relevant);
  return relevant;
}

function nextOf(table: FlowTable): readonly number[] {
  let next = leads.get(table);
  if (next !== undefined) return next;
  const found = new Set<number>();
  for (const actions of listsOf(table))
    for (const action of actions) {
      const target = targetOf(action, table.number);
      if (target !== undefined) found.add(target);
    }
  next = [...found];
  leads.set(table, next);
  return next;
}

function listsOf(table: FlowTable): ReadonlySet<readonly Action[]> {
  const lists = new Set<readonly Action[]>();
  for (const { actions } of table.flows) lists.add(actions);
  return lists;
}

function targetOf(action: Action, table: number): number | undefined {
  if (action.kind === "goto") return action.table;
  return action.kind === "resubmit" ? (action.table ?? table) : undefined;
}

function movedBy(action: Action): Relevant {
  if (action.kind === "write-actions")
    return action.actions.reduce((relevant, one) => relevant | movedBy(one), 0);
  if (action.kind !== "move") return 0;
  const { index } = fieldOf(action.from);
  return isScratchField(index) ? 1 << index : 0;
}
