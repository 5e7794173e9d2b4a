/** Counts in words. */

import { expect, test } from "vitest";
import { counted, tallyText } from "../../src/report/tally-text.js";

test.each([
  [0, 0, "0 megaflows in 0 masks"],
  [1, 1, "1 megaflow in 1 mask"],
  [284, 12, "284 megaflows in 12 masks"],
])("%i and %i", (megaflows, masks, words) => {
  expect(tallyText({ megaflows, masks })).toBe(words);
});

test("one alone is singular", () => {
  expect([0, 1, 2, 11].map((count) => counted(count, "port"))).toEqual([
    "0 ports",
    "1 port",
    "2 ports",
    "11 ports",
  ]);
});
