/** Places in a text. */

import { expect, test } from "vitest";
import { lineOf, positionOf, printPlace, underlined } from "../../src/text/source.js";

const source = { name: "a.policy", text: "rail pf1\r\n\r\n  rail 😀 x\nlast" };

test("lines and columns count from 1", () => {
  expect(positionOf(source, 0)).toEqual({ line: 1, column: 1 });
  expect(positionOf(source, source.text.indexOf("x"))).toEqual({ line: 3, column: 11 });
  expect(positionOf(source, source.text.length)).toEqual({ line: 4, column: 5 });
});

test("a line comes without its end", () => {
  expect([1, 2, 3, 4, 5].map((line) => lineOf(source, line))).toEqual([
    "rail pf1",
    "",
    "  rail 😀 x",
    "last",
    "",
  ]);
});

test("a place prints as file, line and column, and underlines its words", () => {
  const span = { source, start: 5, end: 8 };
  expect(printPlace(span)).toBe("a.policy:1:6");
  expect(underlined(span)).toBe("pf1");
});
