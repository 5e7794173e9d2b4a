/** Widths, and text that does a terminal no harm. */

import { expect, test } from "vitest";
import { harmless, shownLine, widthOf } from "../../src/report/columns.js";

test.each([
  ["abc", 3],
  ["é", 1],
  ["e\u0301", 1],
  ["検索", 4],
  ["🚀", 2],
  ["→", 1],
])("%s is %i columns wide", (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test("tabs reach to the next stop", () => {
  expect(shownLine("\ta\tb\t検\tc")).toBe("    a   b   検  c");
});

test("what moves the cursor, or turns the direction of writing, becomes visible", () => {
  expect(harmless("a\u001B[31mb\u0007\r\u007F")).toBe("a␛[31mb␇␍␡");
  expect(harmless("a\u202Eb\u2066\u200B\uFEFF\u0085\ud800")).toBe(
    "a\uFFFDb\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD",
  );
});
