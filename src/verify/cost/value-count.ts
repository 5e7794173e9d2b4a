/** How many megaflows a class of packets makes: the values that the bits it was looked at can have. */

import { wordCount } from "../../datapath/unwildcard/flow-words.js";
import { type ClassWords, noWords } from "./class-words.js";
import type { Exclusion } from "./packet-class.js";

export interface Count {
  readonly values: number;
  /** Else there may be fewer. */
  readonly isExact: boolean;
}

/** How many values the looked-at bits can have. */
export function valuesOf(
  looked: ClassWords,
  fixed: ClassWords,
  exclusions: readonly Exclusion[],
): Count {
  let values = 1;
  let isExact = true;
  for (let word = 0; word < wordCount; word++) {
    const open = (looked[word] as number) & ~(fixed[word] as number);
    if (open !== 0) values *= 2 ** popcount(open);
  }
  const counted = noWords();
  for (const { words, masks, values: excluded } of exclusions) {
    const unseen = masks.map((mask, at) => mask & ~(looked[words[at] as number] as number));
    // whatever is seen, something that is not seen is left beside it
    if (excluded.length < 2 ** bitsIn(unseen)) continue;
    const isApart = words.every(
      (word, at) =>
        ((counted[word] as number) & (masks[at] as number)) === 0 &&
        ((masks[at] as number) & ~(looked[word] as number)) === 0,
    );
    if (!isApart) {
      isExact = false;
      continue;
    }
    const all = 2 ** bitsIn(masks);
    values *= (all - excluded.length) / all;
    for (const [at, word] of words.entries())
      counted[word] = (counted[word] as number) | (masks[at] as number);
  }
  return { values, isExact };
}

export function bitsIn(masks: readonly number[]): number {
  return masks.reduce((sum, mask) => sum + popcount(mask), 0);
}

export function popcount(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
