/** A class of packets in two: what a walk through some tables may look at or write, and what it leaves as it is. */

import { wordCount } from "../../datapath/unwildcard/flow-words.js";
import { type ClassWords, noWords } from "./class-words.js";
import type { Exclusion, PacketClass } from "./packet-class.js";

export interface Parts {
  readonly inside: PacketClass;
  /** Undefined: nothing is known of anything else. */
  readonly outside: PacketClass | undefined;
  /** That have bits inside. */
  readonly words: readonly number[];
}

export function partsAt(from: PacketClass, touched: ClassWords): Parts {
  const { bits, exclusions } = withWholeExclusions(from, touched);
  const isInside = (one: Exclusion) => exclusions.has(one);
  const words = [...bits.keys()].filter((word) => bits[word] !== 0);
  if (exclusions.size === from.exclusions.length && isAllInside(from, bits))
    return { inside: from, outside: undefined, words };
  return {
    inside: under(from, bits, from.exclusions.filter(isInside)),
    outside: under(
      from,
      bits.map((ones) => ~ones),
      from.exclusions.filter((one) => !isInside(one)),
    ),
    words,
  };
}

function isAllInside({ known, looked, fixed, written }: PacketClass, bits: ClassWords): boolean {
  for (let word = 0; word < wordCount; word++) {
    const some =
      (known[word] as number) |
      (looked[word] as number) |
      (fixed[word] as number) |
      (written[word] as number);
    if ((some & ~(bits[word] as number)) !== 0) return false;
  }
  return true;
}

/** Bits that are excluded together stay together. */
function withWholeExclusions(
  { exclusions: all }: PacketClass,
  touched: ClassWords,
): { bits: ClassWords; exclusions: ReadonlySet<Exclusion> } {
  const bits = touched.slice();
  const exclusions = new Set<Exclusion>();
  for (let before = -1; before < exclusions.size; ) {
    before = exclusions.size;
    for (const one of all) {
      if (exclusions.has(one)) continue;
      const { words, masks } = one;
      if (words.every((word, at) => ((bits[word] as number) & (masks[at] as number)) === 0))
        continue;
      exclusions.add(one);
      for (const [at, word] of words.entries())
        bits[word] = (bits[word] as number) | (masks[at] as number);
    }
  }
  return { bits, exclusions };
}

function under(from: PacketClass, bits: ClassWords, exclusions: readonly Exclusion[]): PacketClass {
  const only = (words: ClassWords) => words.map((ones, word) => ones & (bits[word] as number));
  return {
    known: only(from.known),
    value: only(from.value),
    looked: only(from.looked),
    fixed: only(from.fixed),
    written: only(from.written),
    exclusions,
    isRough: from.isRough,
  };
}

/** The whole again, after the walk. */
export function joinedParts(inside: PacketClass, outside: PacketClass | undefined): PacketClass {
  if (outside === undefined) return inside;
  const both = (one: ClassWords, other: ClassWords) => {
    const all = noWords();
    for (let word = 0; word < wordCount; word++)
      all[word] = (one[word] as number) | (other[word] as number);
    return all;
  };
  return {
    known: both(inside.known, outside.known),
    value: both(inside.value, outside.value),
    looked: both(inside.looked, outside.looked),
    fixed: both(inside.fixed, outside.fixed),
    written: both(inside.written, outside.written),
    exclusions: [...inside.exclusions, ...outside.exclusions],
    isRough: inside.isRough || outside.isRough,
  };
}
