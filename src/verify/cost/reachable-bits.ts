/**
 * For each table, the bits that it or a table behind it may look at: all else about a packet is settled before it. By
 * what registers hold, too: who comes to a table by another way than others meets other flows there.
 */

import type { ClassifiedTables } from "../../datapath/unwildcard/classified-tables.js";
import {
  addField,
  maskBitsOf,
  setField,
  wordCount,
  wordOf,
} from "../../datapath/unwildcard/flow-words.js";
import type { Rule, Subtable } from "../../datapath/unwildcard/subtable.js";
import type { Action } from "../../openflow/action.js";
import { fieldOf } from "../../openflow/field.js";
import { type ClassWords, noWords } from "./class-words.js";

export interface BitsBehind {
  /** Whose values matter. */
  readonly matched: ClassWords;
  /** Those too that are only written: what matters is whether they were looked at. */
  readonly touched: ClassWords;
  /** That have any of them. */
  readonly words: readonly number[];
}

/** What is known where the first stages of a lookup look. */
export interface Context {
  readonly known: ClassWords;
  readonly value: ClassWords;
}

/** What is known of one table. */
interface Place {
  /** What some table from there on matches. */
  readonly matters: ClassWords;
  /** Of the context, where that is any bit. */
  readonly words: readonly number[];
  /** By what is known there. */
  readonly found: Map<string, BitsBehind>;
}

function asPlace(matters: ClassWords): Place {
  return { matters, words: contextWords.filter((word) => matters[word] !== 0), found: new Map() };
}

export class ReachableBits {
  readonly #tables: ClassifiedTables;
  readonly #registers = new Map<number, Place>();
  readonly #bits = new Map<string, BitsBehind>();

  constructor(tables: ClassifiedTables) {
    this.#tables = tables;
    // goto_table leads forward only, so what is behind a table is done before it
    for (const number of [...tables.byNumber.keys()].sort((a, b) => b - a)) {
      const matched = noWords();
      for (const { mask, rules } of tables.byNumber.get(number)?.subtables ?? []) {
        join(matched, mask);
        for (const { flow } of rules)
          for (const action of flow.actions) {
            if (action.kind === "move") addField(matched, action.from, fieldOf(action.from).full);
            const behind = action.kind === "goto" && this.#registers.get(action.table);
            if (behind) join(matched, behind.matters);
          }
      }
      this.#registers.set(number, asPlace(matched));
    }
  }

  /** From that table on, for packets of which that is known. */
  behind(table: number, { known, value }: Context): BitsBehind {
    let here = this.#registers.get(table);
    if (here === undefined) {
      here = asPlace(noWords());
      this.#registers.set(table, here);
    }
    const { matters, words } = here;
    let key = "";
    for (const word of words) {
      const bits = (known[word] as number) & (matters[word] as number);
      key += `${bits}:${(value[word] as number) & bits},`;
    }
    let found = here.found.get(key);
    if (found === undefined) {
      const context = { known: noWords(), value: noWords() };
      for (const word of words) {
        const bits = (known[word] as number) & (matters[word] as number);
        context.known[word] = bits;
        context.value[word] = (value[word] as number) & bits;
      }
      found = this.#look(table, context);
      here.found.set(key, found);
    }
    return found;
  }

  #look(table: number, context: Context): BitsBehind {
    const matched = noWords();
    const touched = noWords();
    // what a packet has at all is asked everywhere
    matched[wordOf.etherType] = -1;
    matched[wordOf.internet] = (3 << 24) | 0xff;
    for (const subtable of this.#tables.byNumber.get(table)?.subtables ?? [])
      for (const { flow } of metRules(subtable, context, matched)) {
        const now = { known: context.known.slice(), value: context.value.slice() };
        for (const action of flow.actions) this.#act(action, now, matched, touched);
      }
    join(touched, matched);
    return this.#shared(matched, touched);
  }

  /** Few are different, and what is made anew and kept is what a walk's memory goes to. */
  #shared(matched: ClassWords, touched: ClassWords): BitsBehind {
    const key = `${matched.join()}|${touched.join()}`;
    let bits = this.#bits.get(key);
    if (bits === undefined) {
      const words = [...touched.keys()].filter((word) => touched[word] !== 0);
      bits = { matched, touched, words };
      this.#bits.set(key, bits);
    }
    return bits;
  }

  #act(action: Action, now: Context, matched: ClassWords, touched: ClassWords): void {
    if (action.kind === "goto") {
      const behind = this.behind(action.table, now);
      join(matched, behind.matched);
      join(touched, behind.touched);
    } else if (action.kind === "set") {
      const { field, value, mask = fieldOf(field).full } = action;
      addField(touched, field, maskBitsOf(field, mask));
      setField(now.known, field, mask, mask);
      setField(now.value, field, value, mask);
    } else if (action.kind === "move") {
      const { from, to } = action;
      const { full } = fieldOf(to);
      addField(matched, from, fieldOf(from).full);
      addField(touched, to, full);
      setField(now.known, to, 0n, full);
      setField(now.value, to, 0n, full);
    }
  }
}

/** Registers and the port, which the first stage looks at, and the EtherType, which the second does. */
const contextWords = [
  ...Array.from({ length: wordOf.inPort + 1 }, (_, word) => word),
  wordOf.etherType,
] as const;
const isContext: ReadonlySet<number> = new Set(contextWords);

/** One for all rules of a subtable that ask the same of the context and do the same. */
const alike = new WeakMap<Subtable, readonly Rule[]>();

function rulesOf(subtable: Subtable): readonly Rule[] {
  let found = alike.get(subtable);
  if (found === undefined) {
    const told = subtable.masked.filter((word) => isContext.has(word));
    const byKey = new Map<string, Rule>();
    for (const rule of subtable.rules)
      byKey.set(
        [...told.map((word) => rule.words[word]), ...rule.flow.actions.map(effectOf)].join(),
        rule,
      );
    found = [...byKey.values()];
    alike.set(subtable, found);
  }
  return found;
}

function effectOf(action: Action): string {
  switch (action.kind) {
    case "goto":
      return `to ${action.table}`;
    case "set":
      return `${action.field}=${action.value}/${action.mask}`;
    case "move":
      return `${action.from}>${action.to}`;
    default:
      return "";
  }
}

/** The rules that such a packet may match; `matched` gets the bits of all stages that a lookup comes to. */
function metRules(
  subtable: Subtable,
  { known, value }: Context,
  matched: ClassWords,
): readonly Rule[] {
  const { stages, mask } = subtable;
  let left = rulesOf(subtable);
  for (const { words } of stages) {
    for (const word of words) matched[word] = (matched[word] as number) | (mask[word] as number);
    const told = words.filter((word) => isContext.has(word));
    if (told.length > 0)
      left = left.filter(({ words: own }) =>
        told.every(
          (word) =>
            (((own[word] as number) ^ (value[word] as number)) &
              (known[word] as number) &
              (mask[word] as number)) ===
            0,
        ),
      );
    if (left.length === 0) break;
  }
  return left;
}

/** Whether the tables do what the bound does not follow: resubmits, and what is not understood. */
export function areFollowed(tables: ClassifiedTables): boolean {
  for (const { subtables } of tables.byNumber.values())
    for (const { rules, isConjunction } of subtables)
      for (const { flow } of rules) {
        if (isConjunction || flow.match.unknown !== undefined) return false;
        if (!flow.actions.every((action) => isFollowed(action, flow.table))) return false;
      }
  return true;
}

function isFollowed(action: Action, table: number): boolean {
  switch (action.kind) {
    case "output":
    case "set":
    case "move":
      return true;
    case "goto":
      return action.table > table;
    case "resubmit":
    case "conjunction":
    case "unknown":
      return false;
  }
}

function join(into: ClassWords, other: ArrayLike<number>): void {
  for (let word = 0; word < wordCount; word++)
    into[word] = (into[word] as number) | (other[word] as number);
}
