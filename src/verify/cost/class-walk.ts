/**
 * All ways of a class of packets through the tables, counted by mask. Ways that are alike from a table on are one from
 * there; and a walk through some tables is gone once for all packets that differ only in what it does not look at,
 * so what is known of them before multiplies with it only where they leave it.
 */

import type { ClassifiedTables } from "../../datapath/unwildcard/classified-tables.js";
import type { Classifier } from "../../datapath/unwildcard/classifier.js";
import type { Rule } from "../../datapath/unwildcard/subtable.js";
import { applyActions } from "./class-actions.js";
import { keyOfClass } from "./class-key.js";
import { lookUpClass } from "./class-lookup.js";
import { joinedParts, partsAt } from "./class-parts.js";
import { noWords } from "./class-words.js";
import { MaskTable } from "./mask-table.js";
import { MaskTally } from "./mask-tally.js";
import type { PacketClass } from "./packet-class.js";
import { ReachableBits } from "./reachable-bits.js";
import { settle } from "./settle-class.js";
import { TableScopes } from "./table-scopes.js";
import { type Count, valuesOf } from "./value-count.js";

/** More ways than this through one rail's tables, and there is no telling in reasonable time. */
const mostVisits = 2_000_000;
/** Nor in reasonable memory: masks remembered, some hundred bytes each. */
const mostKept = 1_000_000;
/** Past this, the next port's walk begins anew: ports have little in common. */
const mostShared = 200_000;

export class TooManyWays extends Error {}

/** Packets that come to a table alike, and all that was looked at of them and is done, however they came. */
interface Arrival {
  readonly from: PacketClass;
  readonly done: MaskTally;
}

/** By table, then by what is alike. */
type Arrivals = Map<number, Map<string, Arrival>>;

/** What becomes of packets in some tables. */
interface Outcome {
  readonly ended: MaskTally;
  readonly left: Arrivals;
}

export class ClassWalk {
  readonly #tables: ClassifiedTables;
  readonly #reachable: ReachableBits;
  readonly #scopes: TableScopes;
  readonly #known = new Map<string, Outcome>();
  readonly #masks = new MaskTable();
  #visits = 0;
  #kept = 0;

  constructor(tables: ClassifiedTables) {
    this.#tables = tables;
    this.#reachable = new ReachableBits(tables);
    this.#scopes = new TableScopes(tables);
  }

  /** @throws {TooManyWays} */
  countFrom(table: number, starts: Iterable<PacketClass>): MaskTally {
    this.#visits = 0;
    if (this.#kept > mostShared) {
      this.#known.clear();
      this.#kept = 0;
    }
    const arrivals: Arrivals = new Map();
    for (const start of starts) this.#arrive(table, start, this.#unit(), arrivals);
    return this.#walk(arrivals).ended;
  }

  /** From the arrivals' tables on, as long as they are within the scope, if there is one. */
  #walk(arrivals: Arrivals, scope?: ReadonlySet<number>): Outcome {
    const ended = new MaskTally(this.#masks);
    const left: Arrivals = new Map();
    while (arrivals.size > 0) {
      const table = Math.min(...arrivals.keys());
      const here = arrivals.get(table) as Map<string, Arrival>;
      // goto_table leads forward only: nobody comes here any more
      arrivals.delete(table);
      const isThere = this.#tables.byNumber.has(table);
      if (isThere && scope?.has(table) === false) {
        left.set(table, here);
        continue;
      }
      for (const { from, done } of here.values())
        if (!isThere) ended.addAll(done, from.looked, countOf(from));
        // one alone has nobody here to share a walk with
        else if (scope !== undefined && here.size === 1)
          this.#lookUp(table, from, done, { ended, left: arrivals });
        else this.#enter(table, from, done, { ended, left: arrivals });
    }
    return { ended, left };
  }

  /** All of a scope at once, for whoever comes to it alike. */
  #enter(table: number, from: PacketClass, done: MaskTally, into: Outcome): void {
    const { tables, touched } = this.#scopes.of(table);
    const { inside, outside, words } = partsAt(from, touched);
    const key = keyOfClass(table, inside, words);
    let outcome = this.#known.get(key);
    if (outcome === undefined) {
      outcome = this.#walk(
        new Map([[table, new Map([[key, { from: inside, done: this.#unit() }]])]]),
        tables,
      );
      this.#known.set(key, outcome);
      this.#kept += outcome.ended.masks;
      if (this.#kept > mostKept) throw new TooManyWays();
    }
    if (outside === undefined) into.ended.addProduct(done, outcome.ended);
    else {
      const before = new MaskTally(this.#masks);
      before.addAll(done, outside.looked, countOf(outside));
      into.ended.addProduct(before, outcome.ended);
    }
    for (const [next, here] of outcome.left)
      for (const arrival of here.values()) {
        const both = new MaskTally(this.#masks);
        both.addProduct(done, arrival.done);
        this.#arrive(next, joinedParts(arrival.from, outside), both, into.left);
      }
  }

  /** One table. */
  #lookUp(table: number, from: PacketClass, done: MaskTally, { ended, left }: Outcome): void {
    const ways: [PacketClass, Rule | undefined][] = [];
    lookUpClass(this.#tables.byNumber.get(table) as Classifier, from, (way, rule) => {
      if (++this.#visits > mostVisits) throw new TooManyWays();
      ways.push([way, rule]);
    });
    for (const [way, rule] of ways) {
      const { after, next } = applyActions(way, rule?.flow.actions ?? []);
      if (next === undefined) ended.addAll(done, after.looked, countOf(after));
      else this.#arrive(next, after, done, left);
    }
  }

  /** Of who was looked at nowhere yet. */
  #unit(): MaskTally {
    const unit = new MaskTally(this.#masks);
    unit.add(nothing, once);
    return unit;
  }

  /** Joins those who come to the table alike. */
  #arrive(table: number, from: PacketClass, done: MaskTally, into: Arrivals): void {
    const bits = this.#reachable.behind(table, from);
    const settled = settle(from, bits);
    const key = keyOfClass(table, settled.rest, bits.words);
    let here = into.get(table);
    if (here === undefined) {
      here = new Map();
      into.set(table, here);
    }
    let arrival = here.get(key);
    if (arrival === undefined) {
      arrival = { from: settled.rest, done: new MaskTally(this.#masks) };
      here.set(key, arrival);
    }
    arrival.done.addAll(done, settled.done, settled.times);
  }
}

const nothing = noWords();
const once: Count = { values: 1, isExact: true };

function countOf({ looked, fixed, exclusions, isRough }: PacketClass): Count {
  const { values, isExact } = valuesOf(looked, fixed, exclusions);
  return { values, isExact: isExact && !isRough };
}
