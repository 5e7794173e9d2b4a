import { expect, test } from "vitest";
import { blocksOutside, maskLength, portStrides } from "../../src/compile/port-strides.js";
import { evenStrides } from "../../src/compile/strides.js";
import { type Interval, intervalSetOf, type MaskedNumber } from "../../src/net/interval-set.js";
import { Random } from "../support/random.js";

const seed = 20_261_209;
const one = (port: number) => intervalSetOf([{ first: port, last: port }]);
const lengths = (blocks: readonly MaskedNumber[] = []) =>
  [...new Set(blocks.map(({ mask }) => maskLength(mask)))].sort((a, b) => a - b);

test(`blocks hold every port that is not right, once, and none that is (seed ${seed})`, () => {
  const random = new Random(seed);
  const { choices, mostBlocks } = portStrides.alone;
  for (let count = 0; count < 30; count++) {
    const ranges = Array.from({ length: 1 + random.below(4) }, (): Interval => {
      const first = random.below(0x10000);
      return {
        first,
        last: Math.min(0xffff, first + (random.chance(0.5) ? 0 : random.below(900))),
      };
    });
    const right = intervalSetOf(ranges);
    // a last resort of single bits always makes few enough
    const blocks =
      blocksOutside(right, { choices: [...choices, evenStrides(16, 1)], mostBlocks }) ?? [];
    const times = new Uint8Array(0x10000);
    for (const { value, mask } of blocks)
      for (let port = value; port <= (value | (~mask & 0xffff)); port++)
        times[port] = (times[port] as number) + 1;
    for (const { first, last } of right)
      for (let port = first; port <= last; port++) times[port] = (times[port] as number) + 1;
    expect(times.every((held) => held === 1)).toBe(true);
  }
});

test("one port's wrong values are 125 in three strides", () => {
  const blocks = blocksOutside(one(4791), portStrides.alone);
  expect(blocks).toHaveLength(125);
  expect(lengths(blocks)).toEqual([6, 11, 16]);
});

test("several ports take narrower strides, and too many are left to the trie", () => {
  const some = intervalSetOf([2049, 20048, 50000].map((first) => ({ first, last: first })));
  expect(lengths(blocksOutside(some, portStrides.alone))).toEqual([2, 4, 6, 8, 10, 12, 14, 16]);
  const many = intervalSetOf(
    Array.from({ length: 40 }, (_, index) => ({ first: index * 1601, last: index * 1601 })),
  );
  expect(blocksOutside(many, portStrides.alone)).toBeUndefined();
});

test("in both directions 53 blocks of destination ports go with 60 of source ports and with no ACK", () => {
  expect(blocksOutside(one(2049), portStrides.opening)).toHaveLength(53);
  expect(blocksOutside(one(2049), portStrides.openingOfTwo)).toHaveLength(94);
  expect(blocksOutside(one(2049), portStrides.answering)).toHaveLength(60);
  // every port that Linux calls from by default is in one block
  for (const strides of [portStrides.opening, portStrides.openingOfTwo])
    expect(blocksOutside(one(2049), strides)).toContainEqual({ value: 0x8000, mask: 0x8000 });
  // two ports are too many blocks so wide: a mask more
  const two = intervalSetOf([80, 443].map((first) => ({ first, last: first })));
  expect(lengths(blocksOutside(two, portStrides.openingOfTwo))).toEqual([1, 4, 8, 12, 16]);
});
