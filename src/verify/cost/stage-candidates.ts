/** The rules of a subtable that a class of packets may still match, by what is known of it. */

import { mix, type Rule, type Stage, type Subtable } from "../../datapath/unwildcard/subtable.js";
import type { PacketClass } from "./packet-class.js";

interface Index {
  readonly words: readonly number[];
  readonly masks: readonly number[];
  readonly byHash: ReadonlyMap<number, readonly (readonly Rule[])[]>;
}

/** One for each set of bits that was ever known there. */
const indexes = new WeakMap<Stage, Map<string, Index>>();

/**
 * Groups of rules that agree in `words` of that stage, the highest of the rules with the same whole match first among
 * them, and in everything before it with what is known. Known bits of the class are those that rules are found by.
 */
export function candidatesOf(
  subtable: Subtable,
  at: number,
  words: readonly number[],
  from: PacketClass,
): readonly (readonly Rule[])[] {
  const stage = subtable.stages[at] as Stage;
  const before = subtable.stages.slice(0, at + 1).flatMap((one) => one.words);
  const places = before.filter((word) => words.includes(word) || !stage.words.includes(word));
  const masks = places.map(
    (word) => (from.known[word] as number) & (subtable.mask[word] as number),
  );
  const index = indexOf(stage, places, masks, words);
  let hash = 0;
  for (const [slot, word] of places.entries())
    hash = mix(hash, (from.value[word] as number) & (masks[slot] as number));
  const found = index.byHash.get(hash) ?? [];
  return found.filter(([rule]) =>
    places.every(
      (word, slot) =>
        (((rule as Rule).words[word] as number) & (masks[slot] as number)) ===
        ((from.value[word] as number) & (masks[slot] as number)),
    ),
  );
}

function indexOf(
  stage: Stage,
  places: readonly number[],
  masks: readonly number[],
  words: readonly number[],
): Index {
  let known = indexes.get(stage);
  if (known === undefined) {
    known = new Map();
    indexes.set(stage, known);
  }
  const name = `${words.join()}|${masks.join()}`;
  const index = known.get(name) ?? makeIndex(stage, places, masks);
  known.set(name, index);
  return index;
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
  return { words: places, masks, byHash };
}
