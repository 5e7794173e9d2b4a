/** How many values are left, computed by hand. */

import { describe, expect, test } from "vitest";
import { wordOf } from "../../../src/datapath/unwildcard/flow-words.js";
import { noWords } from "../../../src/verify/cost/class-words.js";
import { popcount, valuesOf } from "../../../src/verify/cost/value-count.js";

const word = wordOf.ipv4Destination;

function words(bits = 0) {
  const made = noWords();
  made[word] = bits;
  return made;
}

test.each([
  [0, 0],
  [1, 1],
  [-1, 32],
  [0x0f0f_0f0f, 16],
])("%i has %i ones", (bits, ones) => expect(popcount(bits)).toBe(ones));

describe("values that are left", () => {
  test("two for each bit that was looked at and is not fixed", () => {
    expect(valuesOf(words(), words(), []).values).toBe(1);
    expect(valuesOf(words(0xff), words(), [])).toEqual({ values: 256, isExact: true });
    expect(valuesOf(words(0xff), words(0xf0), []).values).toBe(16);
  });

  test("but for those that are excluded, if all of their bits were looked at", () => {
    const three = { words: [word], masks: [0xff], values: [[1], [2], [3]] };
    const exactly = (values: number) => ({ values, isExact: true });
    expect(valuesOf(words(0xff), words(), [three])).toEqual(exactly(253));
    expect(valuesOf(words(0xffff), words(), [three])).toEqual(exactly(253 * 256));
    expect(valuesOf(words(0x0f), words(), [three])).toEqual(exactly(16));
    // of 0 to 3 only 1 is left: its upper bit has one value, and two are the bound
    const low = { words: [word], masks: [3], values: [[0], [2], [3]] };
    expect(valuesOf(words(2), words(), [low])).toEqual({ values: 2, isExact: false });
    // two that overlap exclude between 3 and 5 of them: 3 is the bound
    const more = { words: [word], masks: [0x1ff], values: [[1], [256]] };
    expect(valuesOf(words(0x1ff), words(), [three, more])).toEqual({
      values: 253 * 2,
      isExact: false,
    });
  });
});
