/**
 * What the tables do with every packet of a kind, as one diagram for each place where packets can stand: a table, the
 * port, the fields as they were rewritten, and what is still to be done behind a `resubmit`. Nothing is cut into parts
 * and nothing is sampled: a table's diagram leads on to those of the tables behind it.
 */

import type { Action } from "../../openflow/action.js";
import { fieldOf } from "../../openflow/field.js";
import { inPort as backToSender, type Port } from "../../openflow/match.js";
import type { PortNumbers } from "../../openflow/print.js";
import { resolvePort } from "../../openflow/tables.js";
import { missed } from "./choice.js";
import { isTerminal, type Node, terminalOf, valueIn } from "./diagram.js";
import type { FlowTable } from "./flow-groups.js";
import { isScratchField } from "./header-bits.js";
import type { HeaderSets } from "./header-sets.js";
import { type Operation, undecided } from "./operations.js";
import { dropped, type OutcomeId, Outcomes, type Sent, unknown } from "./outcome.js";
import { portBit, type Relevance } from "./relevance.js";
import { type Substitution, Substitutions } from "./substitution.js";
import { TableLookup } from "./table-lookup.js";

/** What is left of the lists whose `resubmit` led here. */
interface Rest {
  readonly id: number;
  readonly actions: readonly Action[];
  readonly from: number;
  readonly table: number;
  /** The outermost has none. */
  readonly next?: Rest;
  readonly depth: number;
}

interface Place {
  readonly table: number;
  /** Where the packet came in; one stand-in for all ports where nobody asks any more. */
  readonly inPort: Port;
  /** What this lookup takes for it: `resubmit` may say another. */
  readonly asPort: Port;
  readonly fields: Substitution;
  readonly rest: Rest | undefined;
}

/** MAX_DEPTH of ofproto/ofproto-dpif-xlate.c. */
const deepestResubmit = 64;
/** Tables that send packets around in circles make more places than any that lead forward. */
const mostPlaces = 200_000;

const anyPort: Port = "*";

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
  readonly #found = new Map<string, Node>();
  readonly #lookups = new Map<string, Node>();
  readonly #rests = new Map<string, Rest>();
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
    return this.#enter({ table: 0, inPort, asPort: inPort, fields, rest: undefined });
  }

  #enter(asked: Place): Node {
    const place = this.#withoutIrrelevant(asked);
    const key = `${place.table} ${portKey(place.inPort)} ${portKey(place.asPort)} ${place.fields.id} ${place.rest?.id ?? ""}`;
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    if (this.#found.size > mostPlaces) return terminalOf(unknown);
    const found = this.#look(place);
    this.#found.set(key, found);
    return found;
  }

  #look(place: Place): Node {
    const table = this.#walked.tables.get(place.table);
    const missedHere = () => this.#perform(missed, place);
    if (table === undefined) return missedHere();
    const choice = this.#find(table, place);
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

  #find(table: FlowTable, { asPort, fields }: Place): Node {
    const relevant = this.substitutions.forget(fields, (field) => !table.fields.has(field));
    // a lookup of ports also looks at fragments, which nothing rewrites
    const key = `${table.number} ${table.matchesPort ? portKey(asPort) : ""} ${relevant.id}`;
    const known = this.#lookups.get(key);
    if (known !== undefined) return known;
    const found = this.#lookup.find(table, { port: asPort, fields: relevant });
    this.#lookups.set(key, found);
    return found;
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
          return this.#enter({ ...place, table: action.table, asPort: place.inPort, fields });
        case "resubmit":
          return this.#resubmit(action, { ...place, fields }, actions, at + 1);
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
    if (depth > deepestResubmit) return terminalOf(unknown);
    const { portNumbers } = this.#walked;
    const asPort =
      action.port === undefined || action.port === backToSender
        ? place.inPort
        : resolvePort(action.port, portNumbers);
    const rest = this.#restOf(actions, from, place.table, place.rest, depth);
    return this.#enter({ ...place, table: action.table ?? place.table, asPort, rest });
  }

  /** A list is done: what stands behind the `resubmit` that led to it comes next. */
  #finish(place: Place): Node {
    const { rest } = place;
    if (rest === undefined) return terminalOf(dropped);
    return this.#act(rest.actions, rest.from, { ...place, table: rest.table, rest: rest.next });
  }

  #restOf(
    actions: readonly Action[],
    from: number,
    table: number,
    next: Rest | undefined,
    depth: number,
  ): Rest {
    const list = this.#lookup.choices.listOf(table, actions);
    const key = `${list} ${from} ${next?.id ?? ""} ${depth}`;
    let rest = this.#rests.get(key);
    if (rest === undefined) {
      rest = { id: this.#rests.size, actions, from, table, depth, ...(next && { next }) };
      this.#rests.set(key, rest);
    }
    return rest;
  }

  #withoutIrrelevant(place: Place): Place {
    const { relevance } = this.#walked;
    let relevant = relevance.ofTable(place.table);
    for (let rest = place.rest; rest !== undefined; rest = rest.next)
      relevant |= relevance.ofActions(rest.actions, rest.from, rest.table);
    const fields = this.substitutions.forget(
      place.fields,
      (field) => isScratchField(field) && (relevant & (1 << field)) === 0,
    );
    // outputs are resolved for the port at the end
    if ((relevant & portBit) !== 0) return { ...place, fields };
    return { ...place, fields, inPort: anyPort, asPort: anyPort };
  }
}

function portKey(port: Port): string {
  return typeof port === "number" ? `#${port}` : port;
}
