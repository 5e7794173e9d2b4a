/** Megaflows by mask, computed by hand. */

import { expect, test } from "vitest";
import { wordCount, wordOf } from "../../../src/datapath/unwildcard/flow-words.js";
import { MaskTally } from "../../../src/verify/cost/mask-tally.js";

function mask(word: number, bits: number) {
  const words = new Int32Array(wordCount);
  words[word] = bits;
  return words;
}

test("what has one mask adds up, and another mask counts by itself", () => {
  const tally = new MaskTally();
  tally.add(mask(wordOf.ports, 0xffff), 3);
  tally.add(mask(wordOf.ports, 0xffff), 4);
  tally.add(mask(wordOf.ports, 0xfff0), 2);
  expect([tally.megaflows, tally.masks]).toEqual([9, 2]);
});

test("behind a lookup each is there as often as that lookup ends, under both masks", () => {
  const behind = new MaskTally();
  behind.add(mask(wordOf.ports, 0xffff), 3);
  behind.add(mask(wordOf.ports, 0xfff0), 2);
  const tally = new MaskTally();
  tally.addAll(behind, mask(wordOf.ipv4Source, -1), 10);
  expect([tally.megaflows, tally.masks]).toEqual([50, 2]);
  // bits that make both masks one
  tally.addAll(behind, mask(wordOf.ports, 0x000f), 1);
  expect([tally.megaflows, tally.masks]).toEqual([55, 3]);
});
