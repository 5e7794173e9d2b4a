/** What an action writes, in words: found once for each action, for a walk takes the same ones many thousand times. */

import { addField, maskBitsOf } from "../../datapath/unwildcard/flow-words.js";
import type { Action } from "../../openflow/action.js";
import { type FieldName, fieldOf } from "../../openflow/field.js";
import { noWords } from "./class-words.js";

/** Bits of some words. */
export interface WordBits {
  readonly words: readonly number[];
  readonly masks: readonly number[];
}

export interface Write extends WordBits {
  /** Under the masks; zero where a field is moved from another. */
  readonly values: readonly number[];
  /** Under the masks, what is known after it. */
  readonly known: readonly number[];
  /** What a lookup compares of these words, if it compares the field. */
  readonly touched: readonly number[];
  /** Where a field is moved from. */
  readonly source: WordBits | undefined;
}

type SetAction = Extract<Action, { readonly kind: "set" }>;
export type MoveAction = Extract<Action, { readonly kind: "move" }>;

const writes = new WeakMap<SetAction | MoveAction, Write>();

export function writeOf(action: SetAction | MoveAction): Write {
  let write = writes.get(action);
  if (write === undefined) {
    write = action.kind === "set" ? setOf(action) : moveOf(action);
    writes.set(action, write);
  }
  return write;
}

function setOf({ field, value, mask = fieldOf(field).full }: SetAction): Write {
  const bits = bitsOf(field, mask);
  const { words } = bits;
  const touched = under(words, field, maskBitsOf(field, mask));
  return {
    ...bits,
    values: under(words, field, value & mask),
    known: bits.masks,
    touched,
    source: undefined,
  };
}

function moveOf({ from, to }: MoveAction): Write {
  const bits = bitsOf(to, fieldOf(to).full);
  const none = bits.words.map(() => 0);
  return {
    ...bits,
    values: none,
    known: none,
    touched: bits.masks,
    source: bitsOf(from, fieldOf(from).full),
  };
}

function bitsOf(field: FieldName, mask: bigint): WordBits {
  const all = noWords();
  addField(all, field, mask);
  const words = [...all.keys()].filter((word) => all[word] !== 0);
  return { words, masks: words.map((word) => all[word] as number) };
}

function under(words: readonly number[], field: FieldName, bits: bigint): number[] {
  const all = noWords();
  addField(all, field, bits);
  return words.map((word) => all[word] as number);
}
