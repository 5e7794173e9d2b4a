/**
 * What the tables do with every packet of a kind, as one diagram for each place where packets can stand: a table, the
 * port, the fields as they were rewritten, and what is still to be done behind a `resubmit`. Nothing is cut into parts
 * and nothing is sampled: a table's diagram leads on to those of the tables behind it.
 */

import type { Action } from "../../openflow/action.js";
import { fieldOf } from "../../openflow/field.js";
import type { Flow } from "../../openflow/flow.js";
import { deepestResubmit, lookupsAfter, mostLookups } from "../../openflow/lookup-limit.js";
import { inPort as backToSender, type Port } from "../../openflow/match.js";
import type { PortNumbers } from "../../openflow/print.js";
import { resolvePort } from "../../openflow/tables.js";
import { missed } from "./choice.js";
import { isTerminal, type Node, terminalOf, valueIn } from "./diagram.js";
import type { FlowTable } from "./flow-groups.js";
import type { HeaderSets } from "./header-sets.js";
import { type Operation, undecided } from "./operations.js";
import { dropped, type OutcomeId, Outcomes, type Sent, unknown } from "./outcome.js";
import { keyOfPlace, type Place, portKey, Rests, withoutIrrelevant } from "./place.js";
import type { Relevance } from "./relevance.js";
import { type Substitution, Substitutions } from "./substitution.js";
import { type Arriving, TableLookup } from "./table-lookup.js";

/** A place with what was found, and the places whose packets come here. */
interface Walked {
  readonly key: string;
  readonly table: number;
  readonly before: Set<Walked>;
  node: Node;
}

interface KnownLookup {
  readonly arriving: Arriving;
  node: Node;
  readonly users: Set<Walked>;
}

/** Tables that send packets around in circles make more places than any that lead forward. */
const mostPlaces = 200_000;

export interface WalkedTables {
  readonly tables: ReadonlyMap<number, FlowTable>;
  readonly relevance: Relevance;
  readonly portNumbers: PortNumbers;
}

export class TableWalk {
  readonly outcomes: Outcomes;
  readonly substitutions: Substitutions;
  readonly #sets: HeaderSets;
  readonly #lookup: TableLookup;
  readonly #agree: Operation;
  readonly #found = new Map<string, Walked>();
  /** By table. */
  readonly #lookups = new Map<number, Map<string, KnownLookup>>();
  readonly #rests = new Rests();
  /** The place that is being walked: it depends on those that are entered meanwhile. */
  #walking: Walked | undefined;
  #walked: WalkedTables;

  constructor(sets: HeaderSets, constants: ReadonlyMap<number, bigint>, walked: WalkedTables) {
    this.#sets = sets;
    this.#walked = walked;
    this.substitutions = new Substitutions(constants);
    this.outcomes = new Outcomes(sets.operations, this.substitutions);
    this.#lookup = new TableLookup(sets, this.substitutions);
    this.#agree = sets.operations.operation((one, other) => {
      if (one === other) return one;
      if (one === terminalOf(unknown) || other === terminalOf(unknown)) return terminalOf(unknown);
      return isTerminal(one) && isTerminal(other) ? terminalOf(unknown) : undecided;
    });
  }

  /** Values are outcomes, not yet resolved for the port: see `Outcomes.resolve`. */
  outcomesFor(inPort: Port): Node {
    const fields = this.substitutions.unchanged;
    return this.#enter({ table: 0, inPort, asPort: inPort, fields, rest: undefined, lookups: 0 });
  }

  #enter(asked: Place): Node {
    const place = withoutIrrelevant(asked, this.#walked.relevance, this.substitutions);
    const key = keyOfPlace(place);
    const before = this.#walking;
    let walked = this.#found.get(key);
    if (walked === undefined) {
      if (this.#found.size > mostPlaces) return terminalOf(unknown);
      walked = { key, table: place.table, before: new Set(), node: terminalOf(unknown) };
      this.#walking = walked;
      walked.node = this.#look(place, walked);
      this.#walking = before;
      this.#found.set(key, walked);
    }
    if (before !== undefined) walked.before.add(before);
    return walked.node;
  }

  #look(place: Place, walked: Walked): Node {
    const table = this.#walked.tables.get(place.table);
    const missedHere = () => this.#perform(missed, place);
    if (table === undefined) return missedHere();
    const choice = this.#find(table, place, walked);
    const { operations } = this.#sets;
    return operations.compose(choice, (value) => {
      const { actions, isOpen } = this.#lookup.choiceOf(value);
      let result: Node | undefined;
      for (const list of isOpen ? [...actions, missed] : actions) {
        const one = this.#perform(list, place);
        result = result === undefined ? one : operations.combine(this.#agree, result, one);
      }
      return result ?? missedHere();
    });
  }

  #find(table: FlowTable, { asPort, fields }: Place, user: Walked): Node {
    const relevant = this.substitutions.forget(fields, (field) => !table.fields.has(field));
    let known = this.#lookups.get(table.number);
    if (known === undefined) {
      known = new Map();
      this.#lookups.set(table.number, known);
    }
    const key = `${table.matchesPort ? portKey(asPort) : ""} ${relevant.id}`;
    let lookup = known.get(key);
    if (lookup === undefined) {
      const arriving = { port: asPort, fields: relevant };
      lookup = { arriving, node: this.#lookup.find(table, arriving), users: new Set() };
      known.set(key, lookup);
    }
    lookup.users.add(user);
    return lookup.node;
  }

  #perform(list: number, place: Place): Node {
    const { actions } = this.#lookup.actionsOf(list);
    return this.#act(actions, 0, place);
  }

  #act(actions: readonly Action[], from: number, place: Place): Node {
    let { fields } = place;
    for (let at = from; at < actions.length; at++) {
      const action = actions[at] as Action;
      switch (action.kind) {
        case "set":
          fields = this.#set(fields, action);
          break;
        case "move":
          fields = this.substitutions.move(
            fields,
            fieldOf(action.from).index,
            fieldOf(action.to).index,
          );
          break;
        case "output":
          return this.#send(action.port, { ...place, fields }, actions, at + 1);
        case "goto":
          // forward only (OpenFlow 1.4, section 5.1)
          if (action.table <= place.table) return terminalOf(unknown);
          return this.#enter({
            ...place,
            table: action.table,
            asPort: place.inPort,
            fields,
            lookups: place.lookups === 0 ? 0 : place.lookups + 1,
          });
        case "resubmit":
          return this.#resubmit(action, { ...place, fields }, actions, at + 1);
        case "conjunction":
        case "unknown":
          return terminalOf(unknown);
      }
    }
    return this.#finish({ ...place, fields });
  }

  #set(fields: Substitution, action: Action & { readonly kind: "set" }): Substitution {
    const { index, full } = fieldOf(action.field);
    return this.substitutions.set(fields, index, action.value, action.mask ?? full);
  }

  #send(port: Port, place: Place, actions: readonly Action[], from: number): Node {
    const resolved = resolvePort(port, this.#walked.portNumbers);
    const sent: Sent = this.outcomes.sending(resolved, place.fields);
    const after = this.#act(actions, from, place);
    const also = (value: OutcomeId) => this.outcomes.also(sent, value);
    if (isTerminal(after)) return terminalOf(also(valueIn(after)));
    return this.#sets.operations.mapValues(after, also);
  }

  #resubmit(
    action: Action & { readonly kind: "resubmit" },
    place: Place,
    actions: readonly Action[],
    from: number,
  ): Node {
    const depth = (place.rest?.depth ?? 0) + 1;
    const lookups = lookupsAfter(place.lookups, place.table);
    if (depth > deepestResubmit || lookups > mostLookups) return terminalOf(unknown);
    const { portNumbers } = this.#walked;
    const asPort =
      action.port === undefined || action.port === backToSender
        ? place.inPort
        : resolvePort(action.port, portNumbers);
    const { table, rest: next } = place;
    const list = this.#lookup.choices.listOf(table, actions);
    const rest = this.#rests.of(list, { actions, from, table, depth, ...(next && { next }) });
    return this.#enter({ ...place, table: action.table ?? place.table, asPort, rest, lookups });
  }

  /** A list is done: what stands behind the `resubmit` that led to it comes next. */
  #finish(place: Place): Node {
    const { rest } = place;
    if (rest === undefined) return terminalOf(dropped);
    return this.#act(rest.actions, rest.from, { ...place, table: rest.table, rest: rest.next });
  }

  /**
   * A flow of that table came or went: all that it may have a part in is walked again when it is asked for next, and
   * nothing else is.
   */
  forget(flow: Flow): void {
    const table = this.#walked.tables.get(flow.table);
    if (table === undefined) return;
    for (const lookup of this.#lookups.get(flow.table)?.values() ?? []) {
      if (!this.#lookup.concerns(flow, lookup.arriving, this.#walked.portNumbers)) continue;
      const node = this.#lookup.find(table, lookup.arriving);
      // a flow behind others, or one more that drops what is dropped: the lookup is the same function
      if (node === lookup.node) continue;
      lookup.node = node;
      for (const place of lookup.users) this.#forgetPlace(place);
      lookup.users.clear();
    }
  }

  #forgetPlace(walked: Walked): void {
    if (this.#found.get(walked.key) !== walked) return;
    this.#found.delete(walked.key);
    for (const before of walked.before) this.#forgetPlace(before);
  }
}
