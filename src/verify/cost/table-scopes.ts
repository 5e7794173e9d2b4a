/**
 * How far a walk from a table goes on by itself: through tables that match no other registers than it does, nor
 * the port if it does not. What else is known of a packet is not looked at there, so one walk serves all packets that
 * differ in that alone: those of all ports, too.
 */

import type { ClassifiedTables } from "../../datapath/unwildcard/classified-tables.js";
import { addField, wordCount, wordOf } from "../../datapath/unwildcard/flow-words.js";
import type { Action } from "../../openflow/action.js";
import { fieldOf } from "../../openflow/field.js";
import { needOf } from "../../openflow/prerequisite.js";
import { type ClassWords, noWords } from "./class-words.js";

export interface Scope {
  readonly tables: ReadonlySet<number>;
  /** All that these tables match or write. */
  readonly touched: ClassWords;
}

export class TableScopes {
  readonly #tables: ClassifiedTables;
  readonly #touched = new Map<number, ClassWords>();
  readonly #matched = new Map<number, ClassWords>();
  readonly #next = new Map<number, ReadonlySet<number>>();
  readonly #scopes = new Map<number, Scope>();

  constructor(tables: ClassifiedTables) {
    this.#tables = tables;
    for (const number of tables.byNumber.keys()) this.#read(number);
  }

  of(table: number): Scope {
    let scope = this.#scopes.get(table);
    if (scope === undefined) {
      scope = this.#find(table);
      this.#scopes.set(table, scope);
    }
    return scope;
  }

  #find(table: number): Scope {
    const known = this.#matched.get(table) ?? noWords();
    const tables = new Set([table]);
    // grows while it is gone through
    for (const one of tables)
      for (const next of this.#next.get(one) ?? [])
        if (isWithin(this.#matched.get(next), known)) tables.add(next);
    const touched = noWords();
    for (const one of tables)
      for (const [word, bits] of (this.#touched.get(one) ?? touched).entries())
        touched[word] = (touched[word] as number) | bits;
    // tries are asked of one EtherType alone; protocol and fragment bits tell what there is behind the IP header
    touched[wordOf.etherType] = -1;
    if (touched.some((bits, word) => bits !== 0 && word >= firstOfBody))
      touched[wordOf.internet] = (touched[wordOf.internet] as number) | (3 << 24) | 0xff;
    return { tables, touched };
  }

  #read(number: number): void {
    const touched = noWords();
    const matched = noWords();
    const next = new Set<number>();
    for (const { mask, rules, ports } of this.#tables.byNumber.get(number)?.subtables ?? []) {
      for (const [word, bits] of mask.entries()) {
        touched[word] = (touched[word] as number) | bits;
        if (word <= wordOf.inPort) matched[word] = (matched[word] as number) | bits;
      }
      // a lookup by ports settles what the protocol leaves empty (settle-ports.ts)
      if (ports !== undefined) touched.fill(-1, firstOfBody, wordCount);
      for (const { flow } of rules)
        for (const action of flow.actions) readAction(action, touched, next);
    }
    this.#touched.set(number, touched);
    this.#matched.set(number, matched);
    this.#next.set(number, next);
  }
}

/** The body of neighbour discovery, TCP's flags and the ports. */
const firstOfBody = 36;

function readAction(action: Action, touched: ClassWords, next: Set<number>): void {
  if (action.kind === "goto") next.add(action.table);
  const fields =
    action.kind === "set" ? [action.field] : action.kind === "move" ? [action.from, action.to] : [];
  for (const field of fields) {
    addField(touched, field, fieldOf(field).full);
    // whether a packet has what is written is told by its protocol, or by its type and code
    if (needOf(field) !== "nothing") touched[wordOf.ports] = -1;
  }
}

function isWithin(some: ClassWords | undefined, known: ClassWords): boolean {
  return some?.every((bits, word) => (bits & ~(known[word] as number)) === 0) ?? true;
}
