/**
 * Ports that no rule allows, in blocks of a few bits a stride.
 *
 * Where a port misses, OVS's trie for ports makes as few bits exact as tell it from every port it knows: a mask for
 * each of sixteen bits. A flow for each wrong value of a stride is a hit, and a hit makes exact what the flow matches:
 * a mask for each stride. The fewer strides, the fewer masks, and the more megaflows.
 */

import {
  complementIntervals,
  type IntervalSet,
  intersectIntervals,
  type MaskedNumber,
} from "../net/interval-set.js";
import { evenStrides, narrow, type Strides } from "./strides.js";

/** Widths to choose from, the widest first: the first that make few enough blocks are taken. */
export interface PortStrides {
  readonly choices: readonly Strides[];
  /** Where even the narrowest make more blocks than this, the trie makes fewer. */
  readonly mostBlocks: number;
}

/** For a check that stands alone: 125 megaflows and 3 masks for one port, 60 and 4, or 24 and 8. */
const alone: readonly Strides[] = [[6, 5, 5], narrow(16), evenStrides(16, 2)];

/**
 * For TCP in both directions, where the ways to miss the destination port go with those to miss the source port: 53
 * times 61 megaflows and 5 times 5 masks for one port. A rail of two IP families has twice the masks, so there it is 94
 * times 61 in 4 times 5. The first bit stands alone, for it tells the port of most services
 * from those that systems call from (RFC 6335, section 6: 49152 and up; Linux: 32768 and up), so that answers share
 * one megaflow.
 */
const opening: readonly Strides[] = [
  [1, 3, 4, 4, 4],
  [1, 2, 2, 2, 2, 2, 2, 3],
];
const answering: readonly Strides[] = [narrow(16), evenStrides(16, 2)];

export const portStrides = {
  alone: { choices: alone, mostBlocks: 130 },
  opening: { choices: opening, mostBlocks: 100 },
  openingOfTwo: { choices: [[1, 5, 5, 5], ...opening], mostBlocks: 100 },
  answering: { choices: answering, mostBlocks: 100 },
} as const;

/** The blocks of the widest strides that make few enough; undefined where none do. */
export function blocksOutside(
  right: IntervalSet,
  { choices, mostBlocks }: PortStrides,
): MaskedNumber[] | undefined {
  return choices
    .map((strides) => blocksOf(complementIntervals(right), strides))
    .find((blocks) => blocks.length <= mostBlocks);
}

/** The set, which is none of what is right, as the largest blocks that begin and end with a stride. */
function blocksOf(set: IntervalSet, strides: Strides): MaskedNumber[] {
  const blocks: MaskedNumber[] = [];
  const cut = (start: number, bitsLeft: number, [width = 0, ...narrower]: Strides) => {
    const size = 1 << (bitsLeft - width);
    for (let digit = 0; digit < 1 << width; digit++) {
      const first = start + digit * size;
      const last = first + size - 1;
      const inside = intersectIntervals(set, [{ first, last }]);
      if (inside.length === 0) continue;
      if (inside[0]?.first === first && inside[0].last === last)
        blocks.push({ value: first, mask: 0xffff & ~(size - 1) });
      else cut(first, bitsLeft - width, narrower);
    }
  };
  cut(0, 16, strides);
  return blocks;
}

/** How many leading bits a prefix-shaped mask has. */
export function maskLength(mask: number): number {
  return 16 - Math.round(Math.log2(0x10000 - mask));
}
