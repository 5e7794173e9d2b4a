/**
 * For each table, the bits that it or a table behind it may look at: all else about a packet is settled before it. By
 * what registers hold, too: who comes to a table by another way than others meets other flows there.
 */

import type { ClassifiedTables } from "../../datapath/unwildcard/classified-tables.js";
import { addField, wordCount, wordOf } from "../../datapath/unwildcard/flow-words.js";
import type { Subtable } from "../../datapath/unwildcard/subtable.js";
import type { Action } from "../../openflow/action.js";
import { fieldOf } from "../../openflow/field.js";
import { type Write, writeOf } from "./action-words.js";
import { BitsTable, type NumberedBits } from "./bits-behind.js";
import { keyOfKnown } from "./class-key.js";
import { type ClassWords, noWords } from "./class-words.js";
import { type Context, contextWords, metRules } from "./met-rules.js";

/** What is known of one table. */
interface Place {
  /** What some table from there on matches. */
  readonly matters: ClassWords;
  /** Of the context, where that is any bit. */
  readonly words: readonly number[];
  /** By what is known there. */
  readonly found: Map<string, NumberedBits>;
}

function asPlace(matters: ClassWords): Place {
  return { matters, words: contextWords.filter((word) => matters[word] !== 0), found: new Map() };
}

export class ReachableBits {
  readonly #tables: ClassifiedTables;
  readonly #registers = new Map<number, Place>();
  readonly #bits = new BitsTable();
  readonly #stages = new Map<Subtable, NumberedBits[]>();
  readonly #writes = new Map<Write, NumberedBits>();
  /** What a packet has at all is asked everywhere. */
  readonly #always: NumberedBits;

  constructor(tables: ClassifiedTables) {
    this.#tables = tables;
    const always = noWords();
    always[wordOf.etherType] = -1;
    always[wordOf.internet] = (3 << 24) | 0xff;
    this.#always = this.#bits.of(always, noWords());
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
  behind(table: number, { known, value }: Context): NumberedBits {
    let here = this.#registers.get(table);
    if (here === undefined) {
      here = asPlace(noWords());
      this.#registers.set(table, here);
    }
    const { matters, words } = here;
    const key = keyOfKnown(known, value, matters, words);
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

  #look(table: number, context: Context): NumberedBits {
    let all = this.#always;
    for (const subtable of this.#tables.byNumber.get(table)?.subtables ?? []) {
      const { rules, stages } = metRules(subtable, context);
      all = this.#bits.union(all, this.#stagesOf(subtable, stages));
      for (const { flow } of rules) {
        let now = context;
        for (const action of flow.actions)
          if (action.kind === "goto") all = this.#bits.union(all, this.behind(action.table, now));
          else if (action.kind === "set" || action.kind === "move") {
            const write = writeOf(action);
            all = this.#bits.union(all, this.#writtenBy(write));
            now = after(write, now);
          }
      }
    }
    return all;
  }

  /** That a lookup compares which comes as far. */
  #stagesOf(subtable: Subtable, count: number): NumberedBits {
    let known = this.#stages.get(subtable);
    if (known === undefined) {
      known = [];
      this.#stages.set(subtable, known);
    }
    let bits = known[count];
    if (bits === undefined) {
      const matched = noWords();
      for (const { words } of subtable.stages.slice(0, count))
        for (const word of words) matched[word] = subtable.mask[word] as number;
      bits = this.#bits.of(matched, noWords());
      known[count] = bits;
    }
    return bits;
  }

  #writtenBy(write: Write): NumberedBits {
    let bits = this.#writes.get(write);
    if (bits === undefined) {
      const matched = noWords();
      const touched = noWords();
      for (const [at, word] of (write.source?.words ?? []).entries())
        matched[word] = write.source?.masks[at] as number;
      for (const [at, word] of write.words.entries()) touched[word] = write.touched[at] as number;
      bits = this.#bits.of(matched, touched);
      this.#writes.set(write, bits);
    }
    return bits;
  }
}

/** What is known after it. */
function after({ words, masks, ...write }: Write, before: Context): Context {
  const known = before.known.slice();
  const value = before.value.slice();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as number;
    const mask = masks[at] as number;
    known[word] = ((known[word] as number) & ~mask) | (write.known[at] as number);
    value[word] = ((value[word] as number) & ~mask) | (write.values[at] as number);
  }
  return { known, value };
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
    case "note":
      return true;
    case "goto":
      return action.table > table;
    case "resubmit":
    case "controller":
    case "write-actions":
    case "clear-actions":
    case "queue":
    case "conjunction":
    case "unknown":
      return false;
  }
}

function join(into: ClassWords, other: ArrayLike<number>): void {
  for (let word = 0; word < wordCount; word++)
    into[word] = (into[word] as number) | (other[word] as number);
}
