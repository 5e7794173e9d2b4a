/** Megaflows by mask, computed by hand. */

import { expect, test } from "vitest";
import { wordOf } from "../../../src/datapath/unwildcard/flow-words.js";
import { noWords } from "../../../src/verify/cost/class-words.js";
import { MaskTable } from "../../../src/verify/cost/mask-table.js";
import { MaskTally } from "../../../src/verify/cost/mask-tally.js";

const table = new MaskTable();

function mask(word: number, bits: number) {
  const words = noWords();
  words[word] = bits;
  return words;
}

const exactly = (values: number) => ({ values, isExact: true });

test("what has one mask adds up, and another mask counts by itself", () => {
  const tally = new MaskTally(table);
  tally.add(mask(wordOf.ports, 0xffff), exactly(3));
  tally.add(mask(wordOf.ports, 0xffff), exactly(4));
  tally.add(mask(wordOf.ports, 0xfff0), exactly(2));
  expect([tally.megaflows, tally.masks]).toEqual([9, 2]);
});

test("behind a lookup each is there as often as that lookup ends, under both masks", () => {
  const behind = new MaskTally(table);
  behind.add(mask(wordOf.ports, 0xffff), exactly(3));
  behind.add(mask(wordOf.ports, 0xfff0), exactly(2));
  const tally = new MaskTally(table);
  tally.addAll(behind, mask(wordOf.ipv4Source, -1), exactly(10));
  expect([tally.megaflows, tally.masks]).toEqual([50, 2]);
  // bits that make both masks one
  tally.addAll(behind, mask(wordOf.ports, 0x000f), exactly(1));
  expect([tally.megaflows, tally.masks]).toEqual([55, 3]);
});

test("one count that is a bound only makes the whole one, however it came in", () => {
  const rough = new MaskTally(table);
  rough.add(mask(wordOf.ports, 1), { values: 3, isExact: false });
  const sure = new MaskTally(table);
  sure.add(mask(wordOf.ports, 1), exactly(3));
  const isExact = (behind: MaskTally, times: boolean) => {
    const tally = new MaskTally(table);
    tally.add(mask(wordOf.ports, 3), exactly(1));
    tally.addAll(behind, mask(wordOf.ipv4Source, 1), { values: 2, isExact: times });
    tally.add(mask(wordOf.ports, 7), exactly(1));
    return tally.isExact;
  };
  expect([isExact(sure, true), isExact(sure, false), isExact(rough, true)]).toEqual([
    true,
    false,
    false,
  ]);
});
