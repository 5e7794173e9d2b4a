/**
 * How many leading bits prove which prefixes a value lies in: trie_lookup_value() of OVS's lib/classifier.c, over a
 * plain binary trie. OVS compresses paths, which changes no answer.
 */

import type { WordArray } from "./flow-words.js";

export class PrefixTrie {
  // node 0 is the root, and no child is node 0
  readonly #left: number[] = [0];
  readonly #right: number[] = [0];
  readonly #ends: boolean[] = [false];

  /** The first `length` bits of the words from `at`. */
  add(words: Readonly<WordArray>, at: number, length: number): void {
    let node = 0;
    for (let depth = 0; depth < length; depth++) {
      const edges = isSet(words, at, depth) ? this.#right : this.#left;
      let next = edges[node] as number;
      if (next === 0) {
        next = this.#left.push(0) - 1;
        this.#right.push(0);
        this.#ends.push(false);
        edges[node] = next;
      }
      node = next;
    }
    this.#ends[node] = true;
  }

  /** Bits looked at; `lengths` is filled with the prefixes' lengths that the value lies in. */
  lookUp(words: Readonly<WordArray>, at: number, width: number, lengths: Uint8Array): number {
    let node = 0;
    for (let depth = 0; depth < width; depth++) {
      const left = this.#left[node] as number;
      const right = this.#right[node] as number;
      const next = isSet(words, at, depth) ? right : left;
      // only where there is another branch does it take a bit to tell
      if (next === 0) return left === 0 && right === 0 ? depth : depth + 1;
      node = next;
      if (this.#ends[node]) lengths[depth + 1] = 1;
    }
    return width;
  }

  /** The node below, or undefined; for who walks along unknown bits. */
  child(node: number, bit: boolean): number | undefined {
    const next = (bit ? this.#right : this.#left)[node] as number;
    return next === 0 ? undefined : next;
  }

  endsAt(node: number): boolean {
    return this.#ends[node] as boolean;
  }
}

export function isSet(words: Readonly<WordArray>, at: number, depth: number): boolean {
  return (((words[at + (depth >> 5)] as number) >>> (31 - (depth & 31))) & 1) === 1;
}
