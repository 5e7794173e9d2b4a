/** Which bits some tables look at. Each such set is there once, and what two of them make together is found once. */

import { keyOfBits } from "./class-key.js";
import { type ClassWords, noWords } from "./class-words.js";

export interface BitsBehind {
  /** Whose values matter. */
  readonly matched: ClassWords;
  /** Those too that are only written: what matters is whether they were looked at. */
  readonly touched: ClassWords;
  /** That have any of them. */
  readonly words: readonly number[];
}

/** Of one `BitsTable`. */
export interface NumberedBits extends BitsBehind {
  readonly number: number;
}

export class BitsTable {
  readonly #byKey = new Map<string, NumberedBits>();
  /** By both their numbers. */
  readonly #unions = new Map<number, NumberedBits>();
  readonly none = this.of(noWords(), noWords());

  /** What is matched is touched as well. */
  of(matched: ClassWords, more: ClassWords): NumberedBits {
    const touched = unionOf(matched, more);
    const key = keyOfBits(touched) + keyOfBits(matched);
    let bits = this.#byKey.get(key);
    if (bits === undefined) {
      const words = [...touched.keys()].filter((word) => touched[word] !== 0);
      bits = { matched, touched, words, number: this.#byKey.size };
      this.#byKey.set(key, bits);
    }
    return bits;
  }

  union(one: NumberedBits, other: NumberedBits): NumberedBits {
    if (one === other) return one;
    const pair = one.number * 2 ** 24 + other.number;
    let both = this.#unions.get(pair);
    if (both === undefined) {
      both = this.of(unionOf(one.matched, other.matched), unionOf(one.touched, other.touched));
      this.#unions.set(pair, both);
    }
    return both;
  }
}

function unionOf(one: ClassWords, other: ClassWords): ClassWords {
  return one.map((bits, word) => bits | (other[word] as number));
}
