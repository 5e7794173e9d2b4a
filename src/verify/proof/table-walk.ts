/**
 * What the tables do with every packet of a kind, as one diagram for each place where packets can stand: a table, the
 * port, the fields as they were rewritten, and what is still to be done behind a `resubmit`. Nothing is cut into parts
 * and nothing is sampled: a table's diagram leads on to those of the tables behind it.
 */

import type { Flow } from "../../openflow/flow.js";
import type { Port } from "../../openflow/match.js";
import type { PortNumbers } from "../../openflow/print.js";
import { ActionSteps } from "./action-steps.js";
import { missed, noFlow } from "./choice.js";
import { Circles } from "./circle.js";
import { DiagramLimitError, everything, isTerminal, type Node, terminalOf } from "./diagram.js";
import type { FlowTable } from "./flow-groups.js";
import type { HeaderSets } from "./header-sets.js";
import { type Operation, undecided } from "./operation.js";
import { Outcomes, unknown } from "./outcome.js";
import { keyOfPlace, type Place, portKey, withoutIrrelevant } from "./place.js";
import { PlaceNodes } from "./place-nodes.js";
import type { Relevance } from "./relevance.js";
import { Substitutions } from "./substitution.js";
import { TableLookup } from "./table-lookup.js";
import { type KnownLookup, type Next, WalkedPlace } from "./walked-place.js";

/** Tables that send packets around in circles make more places than any that lead forward. */
const mostPlaces = 200_000;
/** Of places with their packets. */
const mostWatched = 20_000;

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
  readonly #places = new Map<string, WalkedPlace>();
  /** By table. */
  readonly #lookups = new Map<number, Map<string, KnownLookup>>();
  readonly #steps: ActionSteps;
  readonly #nodes: PlaceNodes;
  readonly #circles: Circles;
  #watched = 0;
  readonly #walked: WalkedTables;
  /** Where there is no table: every packet misses. */
  readonly #missing: Node;

  constructor(sets: HeaderSets, constants: ReadonlyMap<number, bigint>, walked: WalkedTables) {
    this.#sets = sets;
    this.#walked = walked;
    const { operations } = sets;
    const { portNumbers } = walked;
    const substitutions = new Substitutions(constants);
    const outcomes = new Outcomes(operations, substitutions);
    const lookup = new TableLookup(sets, substitutions);
    this.substitutions = substitutions;
    this.outcomes = outcomes;
    this.#lookup = lookup;
    this.#circles = new Circles(walked.relevance.leadsBack);
    this.#missing = lookup.choices.end;
    this.#agree = operations.operation((one, other) => {
      if (one === other) return one;
      if (one === terminalOf(unknown) || other === terminalOf(unknown)) return terminalOf(unknown);
      return isTerminal(one) && isTerminal(other) ? terminalOf(unknown) : undecided;
    });
    const nodes = new PlaceNodes({
      operations,
      choicesAt: (place) => this.#choicesAt(place),
      outside: terminalOf(noFlow),
      follow: (choice, place) => this.#follow(choice, place),
    });
    this.#nodes = nodes;
    this.#steps = new ActionSteps({
      ...{ operations, substitutions, outcomes, lookup, portNumbers },
      enter: (place) => this.#enter(place),
      nodeOf: (next) => nodes.nodeOf(next),
    });
  }

  /** Values are outcomes, not yet resolved for the port: see `Outcomes.resolve`. */
  outcomesFor(inPort: Port): Node {
    const fields = this.substitutions.unchanged;
    const waiting = { rest: undefined, written: undefined };
    const first = { table: 0, inPort, asPort: inPort, fields, ...waiting, lookups: 0 };
    return this.#nodes.nodeOf(this.#enter(first));
  }

  #enter(asked: Place): Next {
    const entered = withoutIrrelevant(asked, this.#walked.relevance, this.substitutions);
    const place = this.#circles.entering(entered);
    if (typeof place === "number") return place;
    const key = keyOfPlace(place);
    let walked = this.#places.get(key);
    if (walked === undefined) {
      if (this.#places.size > mostPlaces)
        throw new DiagramLimitError(`more than ${mostPlaces} places to walk through`);
      if (place.among !== undefined && ++this.#watched > mostWatched)
        throw new DiagramLimitError(`more than ${mostWatched} places in circles`);
      walked = new WalkedPlace(place);
      this.#places.set(key, walked);
    }
    this.#nodes.enters(walked);
    return walked;
  }

  #choicesAt(walked: WalkedPlace): Node {
    const table = this.#walked.tables.get(walked.place.table);
    if (table === undefined) return this.#missing;
    walked.lookup ??= this.#find(table, walked);
    const { node } = walked.lookup;
    const { among } = walked.place;
    // what no packet takes that comes here is not followed
    return among === undefined ? node : this.#sets.operations.choose(among, node, this.#missing);
  }

  #follow(choice: number, walked: WalkedPlace): Next {
    const [first, ...others] = this.#lookup.choiceOf(choice).actions;
    const among = this.#takersOf(choice, walked);
    const place = among === undefined ? walked.place : { ...walked.place, among };
    let result = this.#steps.perform(first ?? missed, place);
    for (const list of others)
      result = this.#sets.operations.combine(
        this.#agree,
        this.#nodes.nodeOf(result),
        this.#nodes.nodeOf(this.#steps.perform(list, place)),
      );
    return result;
  }

  /** Of the packets that come there, where that is kept track of: see circle.ts. */
  #takersOf(choice: number, walked: WalkedPlace): Node | undefined {
    const lists = this.#lookup.choiceOf(choice).actions;
    const { place } = walked;
    const leadsThere = (list: number) =>
      this.#circles.follows(place, this.#lookup.actionsOf(list).actions);
    if (!this.#circles.follows(place, []) && !lists.some(leadsThere)) return undefined;
    const { operations } = this.#sets;
    const takers = operations.whereValue(this.#choicesAt(walked), choice);
    return operations.and(place.among ?? everything, takers);
  }

  #find(table: FlowTable, user: WalkedPlace): KnownLookup {
    const { asPort, fields } = user.place;
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
    return lookup;
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
      for (const place of lookup.users) place.outdate();
    }
  }
}
