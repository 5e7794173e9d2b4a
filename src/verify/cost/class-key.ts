/**
 * Texts that are the same for classes of packets that are alike. Each word is two UTF-16 units, so a text is made at
 * once: a walk asks for one at every step, and decimal digits take several times as long.
 */

import type { ClassWords } from "./class-words.js";
import type { Exclusion, PacketClass } from "./packet-class.js";

/** Of packets that come to a table, by those words alone. */
export function keyOfClass(
  table: number,
  { known, value, looked, fixed, written, exclusions }: PacketClass,
  words: readonly number[],
): string {
  // how many words follow stands first, so that what is excluded is never taken for a word
  const units = [table, 0];
  let shown = 0;
  for (const word of words) {
    const [ones, seen] = [known[word] as number, looked[word] as number];
    const [only, over] = [fixed[word] as number, written[word] as number];
    // what is not known has no value
    if ((ones | seen | only | over) === 0) continue;
    shown++;
    units.push(word);
    pushWord(units, ones);
    pushWord(units, value[word] as number);
    pushWord(units, seen);
    pushWord(units, only);
    pushWord(units, over);
  }
  units[1] = shown;
  const key = String.fromCharCode(...units);
  return exclusions.length === 0 ? key : key + exclusions.map(keyOfExclusion).sort().join("");
}

/** Of the bits of these words under their masks that are known. */
export function keyOfKnown(
  known: ClassWords,
  value: ClassWords,
  masks: ClassWords,
  words: readonly number[],
): string {
  const units: number[] = [];
  for (const word of words) {
    const bits = (known[word] as number) & (masks[word] as number);
    pushWord(units, bits);
    pushWord(units, (value[word] as number) & bits);
  }
  return String.fromCharCode(...units);
}

export function keyOfBits(bits: ClassWords): string {
  const units: number[] = [];
  for (const word of bits) pushWord(units, word);
  return String.fromCharCode(...units);
}

/** Exclusions are never changed, and most are carried from table to table. */
const keys = new WeakMap<Exclusion, string>();

/** Whatever the order of its values. Its lengths stand first, so that two beside each other are no third. */
function keyOfExclusion(exclusion: Exclusion): string {
  let key = keys.get(exclusion);
  if (key === undefined) {
    const { words, masks, values } = exclusion;
    const units = [words.length, ...words];
    pushWord(units, values.length);
    for (const mask of masks) pushWord(units, mask);
    key = String.fromCharCode(...units) + values.map(keyOfValue).sort().join("");
    keys.set(exclusion, key);
  }
  return key;
}

function keyOfValue(value: readonly number[]): string {
  const units: number[] = [];
  for (const word of value) pushWord(units, word);
  return String.fromCharCode(...units);
}

function pushWord(units: number[], word: number): void {
  units.push(word >>> 16, word & 0xffff);
}
