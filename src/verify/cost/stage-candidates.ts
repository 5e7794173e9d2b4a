/** The rules of a subtable that a class of packets may still match, by what is known of it. */

import { mix, type Rule, type Stage, type Subtable } from "../../datapath/unwildcard/subtable.js";
import type { PacketClass } from "./packet-class.js";

/** Rules by what those words have under those masks. */
interface Index {
  readonly masks: readonly number[];
  readonly byHash: ReadonlyMap<number, readonly (readonly Rule[])[]>;
}

/** Of one stage, where its rules are told apart by those words of it. */
interface Indexes {
  readonly words: readonly number[];
  /** Those, and all of the stages before. */
  readonly places: readonly number[];
  /** One for each set of bits that was ever known there. */
  readonly found: Index[];
}

const indexes = new WeakMap<Stage, Indexes[]>();

/**
 * Groups of rules that agree in `words` of that stage, the highest of the rules with the same whole match first among
 * them, and in everything before it with what is known. Known bits of the class are those that rules are found by.
 */
export function candidatesOf(
  subtable: Subtable,
  at: number,
  words: readonly number[],
  { known, value }: PacketClass,
): readonly (readonly Rule[])[] {
  const all = indexesOf(subtable, at, words);
  const { places } = all;
  const masks: number[] = [];
  const values: number[] = [];
  let hash = 0;
  for (const word of places) {
    const mask = (known[word] as number) & (subtable.mask[word] as number);
    const bits = (value[word] as number) & mask;
    masks.push(mask);
    values.push(bits);
    hash = mix(hash, bits);
  }
  let index = all.found.find((one) => isEqual(one.masks, masks));
  if (index === undefined) {
    index = makeIndex(subtable.stages[at] as Stage, places, masks);
    all.found.push(index);
  }
  const found = index.byHash.get(hash);
  if (found === undefined) return [];
  const isFound = ([first]: readonly Rule[]) =>
    places.every(
      (word, slot) =>
        (((first as Rule).words[word] as number) & (masks[slot] as number)) === values[slot],
    );
  return found.every(isFound) ? found : found.filter(isFound);
}

function indexesOf(subtable: Subtable, at: number, words: readonly number[]): Indexes {
  const stage = subtable.stages[at] as Stage;
  let known = indexes.get(stage);
  if (known === undefined) {
    known = [];
    indexes.set(stage, known);
  }
  let found = known.find((one) => isEqual(one.words, words));
  if (found === undefined) {
    const before = subtable.stages.slice(0, at).flatMap((one) => one.words);
    found = { words, places: [...before, ...words], found: [] };
    known.push(found);
  }
  return found;
}

function isEqual(one: readonly number[], other: readonly number[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function makeIndex(stage: Stage, places: readonly number[], masks: readonly number[]): Index {
  const groups = new Map<string, Rule[]>();
  for (const alike of stage.index.values())
    for (const rule of alike) {
      const key = places.map((word) => rule.words[word]).join();
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [rule]);
      else group.push(rule);
    }
  const byHash = new Map<number, (readonly Rule[])[]>();
  for (const group of groups.values()) {
    let hash = 0;
    for (const [slot, word] of places.entries())
      hash = mix(hash, ((group[0] as Rule).words[word] as number) & (masks[slot] as number));
    const same = byHash.get(hash);
    if (same === undefined) byHash.set(hash, [group]);
    else same.push(group);
  }
  return { masks, byHash };
}
