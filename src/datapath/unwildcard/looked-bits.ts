/** The bits that a lookup has looked at, and adding to them. */

import type { Words } from "./flow-words.js";
import type { Stage, Subtable } from "./subtable.js";

/** Adds the mask of the stages before that one. */
export function fold({ stages, mask }: Subtable, before: number, looked: Words): void {
  for (let at = 0; at < before; at++)
    for (const word of (stages[at] as Stage).words)
      looked[word] = (looked[word] as number) | (mask[word] as number);
}

export function prefixOnes(length: number): number {
  return length === 0 ? 0 : length >= 32 ? -1 : ~(-1 >>> length);
}

export function foldPrefix(looked: Words, at: number, length: number): void {
  for (let word = at, left = length; left > 0; word++, left -= 32)
    looked[word] = (looked[word] as number) | prefixOnes(left);
}

export function hasPrefix(looked: Words, at: number, length: number): boolean {
  for (let word = at, left = length; left > 0; word++, left -= 32) {
    const ones = prefixOnes(left);
    if (((looked[word] as number) & ones) !== ones) return false;
  }
  return true;
}
