/** Masks by number, held to their text: equal masks have one number, others have others. */

import { expect, test } from "vitest";
import { wordCount } from "../../../src/datapath/unwildcard/flow-words.js";
import { noWords } from "../../../src/verify/cost/class-words.js";
import { MaskTable } from "../../../src/verify/cost/mask-table.js";
import { Random } from "../../support/random.js";

const seed = 20;

test(`a mask has one number however it is joined, and no other mask has it (seed ${seed})`, () => {
  const random = new Random(seed);
  const table = new MaskTable();
  const numbers = new Map<string, number>();
  for (let round = 0; round < 5_000; round++) {
    const [one, other] = [noWords(), noWords()];
    for (const words of [one, other]) {
      // few words and few bits: the same union comes about in many ways
      const word = random.below(4) * 8;
      words[word] = random.pick([0, 1, 2, 3, -1, 1 << 31]);
    }
    const union = one.map((bits, word) => bits | (other[word] as number));
    const number = table.numberOf(one, other);
    expect(table.maskOf(number)).toEqual(union);
    expect(numbers.get(union.join()) ?? number).toBe(number);
    numbers.set(union.join(), number);
  }
  expect(new Set(numbers.values()).size).toBe(numbers.size);
  expect(numbers.size).toBeGreaterThan(100);
});

test("what a table keeps is its own: the masks that were joined may change", () => {
  const table = new MaskTable();
  const mask = noWords();
  mask[wordCount - 1] = 7;
  const number = table.numberOf(mask, noWords());
  mask[wordCount - 1] = 1;
  expect(table.maskOf(number)[wordCount - 1]).toBe(7);
  expect(table.numberOf(mask, noWords())).not.toBe(number);
});
