/**
 * The canonical order of a rail's flows: by table, then falling priority, then match. Kept up to date by merging, so
 * that a change costs what changed.
 */

import type { Action } from "../openflow/action.js";
import type { Flow } from "../openflow/flow.js";
import { printMatch } from "../openflow/print.js";

/** A flow, and its match as text with its ports by name: printed once. */
export interface OrderedFlow {
  readonly flow: Flow;
  readonly text: string;
}

export interface FlowChange {
  readonly added: readonly Flow[];
  readonly removed: readonly Flow[];
}

export function inOrder(flows: readonly Flow[]): readonly OrderedFlow[] {
  return flows.map((flow) => ({ flow, text: printMatch(flow.match) })).sort(compare);
}

/**
 * `next` with the very objects of `former` where a flow is the same in both; both in order. What is handed out again
 * need not be printed, sent or compared again.
 */
export function keepingSame(
  former: readonly OrderedFlow[],
  next: readonly OrderedFlow[],
): readonly OrderedFlow[] {
  let at = 0;
  return next.map((one) => {
    let known = former[at];
    while (known !== undefined && compare(known, one) < 0) known = former[++at];
    return known !== undefined && isSame(known, one) ? known : one;
  });
}

/**
 * Flows that are put together from parts: what the parts gain and lose is noted, and merged when the flows are asked
 * for.
 */
export class FlowOrder {
  #all: readonly OrderedFlow[] = [];
  readonly #added = new Set<OrderedFlow>();
  readonly #removed = new Set<OrderedFlow>();

  /** What a part has now takes the place of what it had before. */
  exchange(former: readonly OrderedFlow[], next: readonly OrderedFlow[]): void {
    const coming = new Set(next);
    for (const one of former)
      if (!coming.delete(one) && !this.#added.delete(one)) this.#removed.add(one);
    for (const one of coming) if (!this.#removed.delete(one)) this.#added.add(one);
  }

  /** All flows there are now, and what has changed since the last time; each list in order. */
  take(): { readonly flows: readonly Flow[]; readonly change: FlowChange } {
    const added = [...this.#added].sort(compare);
    const removed = [...this.#removed].sort(compare);
    if (added.length + removed.length > 0) this.#all = merged(this.#all, this.#removed, added);
    this.#added.clear();
    this.#removed.clear();
    const change = { added: added.map(flowOf), removed: removed.map(flowOf) };
    return { flows: this.#all.map(flowOf), change };
  }
}

/** Invariant (one flow a match): no two share table, priority and match, else Open vSwitch would keep only the last. */
function merged(
  former: readonly OrderedFlow[],
  removed: ReadonlySet<OrderedFlow>,
  added: readonly OrderedFlow[],
): readonly OrderedFlow[] {
  const result: OrderedFlow[] = [];
  let at = 0;
  let next = added[at];
  let last: OrderedFlow | undefined;
  const put = (one: OrderedFlow) => {
    if (last !== undefined && compare(last, one) === 0) throw twice(one);
    result.push(one);
    last = one;
  };
  for (const one of former) {
    if (removed.has(one)) continue;
    // those that stood beside each other before were compared then
    last = undefined;
    while (next !== undefined && compare(next, one) <= 0) {
      put(next);
      next = added[++at];
    }
    put(one);
  }
  last = undefined;
  for (; next !== undefined; next = added[++at]) put(next);
  return result;
}

function compare(one: OrderedFlow, other: OrderedFlow): number {
  const { flow, text } = one;
  const { flow: otherFlow, text: otherText } = other;
  if (flow.table !== otherFlow.table) return flow.table - otherFlow.table;
  if (flow.priority !== otherFlow.priority) return otherFlow.priority - flow.priority;
  return text < otherText ? -1 : text > otherText ? 1 : 0;
}

function isSame(one: OrderedFlow, other: OrderedFlow): boolean {
  const { cookie, actions } = one.flow;
  const others = other.flow.actions;
  return (
    compare(one, other) === 0 &&
    cookie === other.flow.cookie &&
    actions.length === others.length &&
    actions.every((action, index) => isSameAction(action, others[index] as Action))
  );
}

function isSameAction(one: Action, other: Action): boolean {
  const keys = Object.keys(one) as (keyof Action)[];
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

function flowOf({ flow }: OrderedFlow): Flow {
  return flow;
}

function twice({ flow: { table, priority }, text }: OrderedFlow): Error {
  return new Error(`two flows in table ${table} at priority ${priority} match ${text}`);
}
