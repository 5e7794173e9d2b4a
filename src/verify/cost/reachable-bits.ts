/** For each table, the bits that it or a table behind it may look at: all else about a packet is settled before it. */

import type { ClassifiedTables } from "../../datapath/unwildcard/classified-tables.js";
import {
  addField,
  maskBitsOf,
  type Words,
  wordCount,
  wordOf,
} from "../../datapath/unwildcard/flow-words.js";
import type { Action } from "../../openflow/action.js";
import { fieldOf } from "../../openflow/field.js";
import type { Flow } from "../../openflow/flow.js";

export interface ReachableBits {
  /** Whose values matter. */
  readonly matched: Words;
  /** Those too that are only written: what matters is whether they were looked at. */
  readonly touched: Words;
}

/** Undefined where the tables do what the bound does not follow: resubmits, and what is not understood. */
export function reachableBitsOf(
  tables: ClassifiedTables,
): ReadonlyMap<number, ReachableBits> | undefined {
  const found = new Map<number, ReachableBits>();
  // goto_table leads forward only, so what is behind a table is done before it
  for (const number of [...tables.byNumber.keys()].sort((a, b) => b - a)) {
    const matched = new Int32Array(wordCount);
    const touched = new Int32Array(wordCount);
    // what a packet has at all is asked everywhere
    matched[wordOf.etherType] = -1;
    matched[wordOf.internet] = (3 << 24) | 0xff;
    for (const { mask, rules } of tables.byNumber.get(number)?.subtables ?? []) {
      join(matched, mask);
      for (const { flow } of rules) {
        if (flow.match.unknown !== undefined) return undefined;
        for (const action of flow.actions)
          if (!addAction(action, flow, matched, touched, found)) return undefined;
      }
    }
    join(touched, matched);
    found.set(number, { matched, touched });
  }
  return found;
}

function addAction(
  action: Action,
  flow: Flow,
  matched: Words,
  touched: Words,
  found: ReadonlyMap<number, ReachableBits>,
): boolean {
  switch (action.kind) {
    case "output":
      return true;
    case "goto": {
      const behind = found.get(action.table);
      if (behind !== undefined) {
        join(matched, behind.matched);
        join(touched, behind.touched);
      }
      return action.table > flow.table;
    }
    case "set":
      addField(
        touched,
        action.field,
        maskBitsOf(action.field, action.mask ?? fieldOf(action.field).full),
      );
      return true;
    case "move":
      addField(matched, action.from, fieldOf(action.from).full);
      addField(touched, action.to, fieldOf(action.to).full);
      return true;
    case "resubmit":
    case "conjunction":
    case "unknown":
      return false;
  }
}

function join(into: Words, other: Words): void {
  for (let word = 0; word < wordCount; word++)
    into[word] = (into[word] as number) | (other[word] as number);
}
