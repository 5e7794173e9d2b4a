/**
 * What a lookup may end in. Mostly one list of actions; more where flows of one priority match the same packets, which
 * OpenFlow leaves open, or where a match has parts that cannot be interpreted.
 */

import { type Action, drop } from "../../openflow/action.js";
import { actionKey } from "./action-key.js";
import type { Node } from "./diagram.js";
import { isTerminal, terminalOf, valueIn } from "./diagram.js";
import { type Operation, undecided } from "./operation.js";
import type { Operations } from "./operations.js";

export interface Choice {
  /** Numbers of action lists, ascending. */
  readonly actions: readonly number[];
  /** Or none of them: then it is for the flows of lower priority to say. */
  readonly isOpen: boolean;
}

/** The choice where no flow matches. */
export const noFlow = 0;
/** The list of actions of a table miss: OpenFlow 1.3 and later drop. */
export const missed = 0;

export class Choices {
  readonly #operations: Operations;
  readonly #all: Choice[] = [{ actions: [], isOpen: true }];
  readonly #known = new Map<string, number>([["?", noFlow]]);
  readonly #lists: { readonly table: number; readonly actions: readonly Action[] }[] = [
    { table: 0, actions: drop },
  ];
  readonly #listIds = new Map<string, number>();
  /** Lists that were read from equal text are one value. */
  readonly #seen = new Map<number, WeakMap<readonly Action[], number>>();
  readonly #above: Operation;
  readonly #beside: Operation;

  constructor(operations: Operations) {
    this.#operations = operations;
    this.#above = operations.operation((one, other) => {
      if (one === terminalOf(noFlow) || one === other) return other;
      if (other === terminalOf(noFlow)) return one;
      if (!isTerminal(one)) return undecided;
      const upper = this.at(valueIn(one));
      if (!upper.isOpen) return one;
      if (!isTerminal(other)) return undecided;
      return this.#union(upper, this.at(valueIn(other)), this.at(valueIn(other)).isOpen);
    });
    this.#beside = operations.operation((one, other) => {
      if (one === terminalOf(noFlow) || one === other) return other;
      if (other === terminalOf(noFlow)) return one;
      if (!isTerminal(one) || !isTerminal(other)) return undecided;
      const [left, right] = [this.at(valueIn(one)), this.at(valueIn(other))];
      return this.#union(left, right, left.isOpen && right.isOpen);
    });
  }

  at(value: number): Choice {
    return this.#all[value] as Choice;
  }

  actionsOf(id: number): { readonly table: number; readonly actions: readonly Action[] } {
    return this.#lists[id] as { table: number; actions: readonly Action[] };
  }

  ofFlow(table: number, actions: readonly Action[], isOpen: boolean): number {
    return this.#intern({ actions: [this.listOf(table, actions)], isOpen });
  }

  /** The first where it has a flow, else the second. */
  above(one: Node, other: Node): Node {
    return this.#operations.combine(this.#above, one, other);
  }

  /** Below all flows: what none takes is dropped, as what a flow drops is. */
  get end(): Node {
    return terminalOf(this.ofFlow(0, drop, false));
  }

  /** Both at one priority. */
  beside(one: Node, other: Node): Node {
    return this.#operations.combine(this.#beside, one, other);
  }

  #union(one: Choice, other: Choice, isOpen: boolean): Node {
    const actions = [...new Set([...one.actions, ...other.actions])].sort((a, b) => a - b);
    return terminalOf(this.#intern({ actions, isOpen }));
  }

  #intern(choice: Choice): number {
    const key = `${choice.actions.join()}${choice.isOpen ? "?" : ""}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const value = this.#all.length;
    this.#all.push(choice);
    this.#known.set(key, value);
    return value;
  }

  /** The number of a list of actions, as it stands in that table. */
  listOf(table: number, actions: readonly Action[]): number {
    if (actions.length === 0) return missed;
    let seen = this.#seen.get(table);
    if (seen === undefined) {
      seen = new WeakMap();
      this.#seen.set(table, seen);
    }
    const known = seen.get(actions);
    if (known !== undefined) return known;
    // what a list means depends on its table only through `goto_table` and `resubmit`
    const key = `${table} ${actions.map(actionKey).join()}`;
    const id = this.#listIds.get(key) ?? this.#lists.length;
    if (id === this.#lists.length) this.#lists.push({ table, actions });
    this.#listIds.set(key, id);
    seen.set(actions, id);
    return id;
  }
}
