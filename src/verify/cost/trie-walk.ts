/** How a prefix trie may answer for a class of packets of which only some bits of the address are known. */

import type { Trie } from "../../datapath/unwildcard/classifier.js";
import type { PacketClass } from "./packet-class.js";

export interface TrieEnd {
  /** The address, as far as `bits`. */
  readonly path: readonly number[];
  readonly bits: number;
  /** Whether the subtable with prefixes of that length is left out. */
  readonly excludes: boolean;
  /** Then: whether those bits were looked at before, so that nothing is added. */
  readonly isLookedAt: boolean;
}

/** Every end of the walk for a subtable whose prefix has `length` bits. */
export function walkTrie(trie: Trie, length: number, from: PacketClass): TrieEnd[] {
  const { root, word, width } = trie;
  const lookedAt = leadingOnes(from, word, width);
  const ends: TrieEnd[] = [];
  const path = new Array<number>(width / 32).fill(0);
  const end = (bits: number, excludes: boolean, isLookedAt: boolean) =>
    ends.push({ path: [...path], bits, excludes, isLookedAt });
  const walk = (node: number, depth: number): void => {
    if (depth === length && root.endsAt(node)) {
      end(length, false, false);
      return;
    }
    const left = root.child(node, false);
    const right = root.child(node, true);
    if (left === undefined && right === undefined) {
      end(depth, true, depth > length);
      return;
    }
    // longer prefixes go on below: only bits that were looked at anyway may tell more
    if (depth >= length && depth >= lookedAt) {
      end(depth, false, false);
      return;
    }
    for (const bit of [false, true]) {
      if (!canBe(from, word, depth, bit)) continue;
      const at = depth >> 5;
      const ones = 1 << (31 - (depth & 31));
      const before = path[at] as number;
      path[at] = bit ? before | ones : before & ~ones;
      const child = bit ? right : left;
      if (child !== undefined) walk(child, depth + 1);
      else if (depth + 1 <= length) end(depth + 1, true, false);
      else end(depth + 1, depth + 1 <= lookedAt, true);
      path[at] = before;
    }
  };
  walk(0, 0);
  return ends;
}

function canBe({ known, value }: PacketClass, word: number, depth: number, bit: boolean): boolean {
  const at = word + (depth >> 5);
  const ones = 1 << (31 - (depth & 31));
  if (((known[at] as number) & ones) === 0) return true;
  return (((value[at] as number) & ones) !== 0) === bit;
}

/** How many of the field's first bits were looked at. */
function leadingOnes({ looked }: PacketClass, word: number, width: number): number {
  let bits = 0;
  for (let at = word; at < word + width / 32; at++) {
    const ones = Math.clz32(~(looked[at] as number));
    bits += ones;
    if (ones < 32) break;
  }
  return bits;
}
