import { expect, test } from "vitest";
import { PrefixTrie } from "../../../src/datapath/unwildcard/prefix-trie.js";
import { Random } from "../../support/random.js";

const seed = 20264;

test("the bits looked at are the fewest that tell a value from every prefix it is not in", () => {
  const random = new Random(seed);
  for (let round = 0; round < 300; round++) {
    const prefixes = Array.from({ length: 1 + random.below(8) }, () => {
      const length = 1 + random.below(8);
      return { value: random.below(1 << length) << (32 - length), length };
    });
    const trie = new PrefixTrie();
    for (const { value, length } of prefixes) trie.add(Int32Array.of(value), 0, length);
    for (let value = 0; value < 256; value++) {
      const lengths = new Uint8Array(33);
      const looked = trie.lookUp(Int32Array.of(value << 24), 0, 32, lengths);
      const isIn = (one: { value: number; length: number }) => {
        const mask = -1 << (32 - one.length);
        return ((value << 24) & mask) === (one.value & mask);
      };
      const expected = new Set(prefixes.filter(isIn).map(({ length }) => length));
      expect(new Set([...lengths.keys()].filter((at) => lengths[at] === 1))).toEqual(expected);
      // every value that shares those bits gets the same answer
      const other = (value << 24) ^ (looked >= 32 ? 0 : Number(random.bits(32 - looked)));
      const otherLengths = new Uint8Array(33);
      trie.lookUp(Int32Array.of(other), 0, 32, otherLengths);
      const within = (all: Uint8Array) => [...all.subarray(0, looked + 1)];
      expect(within(otherLengths)).toEqual(within(lengths));
    }
  }
});

test("an empty trie proves with no bit that nothing matches", () => {
  expect(new PrefixTrie().lookUp(Int32Array.of(5), 0, 32, new Uint8Array(33))).toBe(0);
});
