import { expect, test } from "vitest";
import { partsOf, printParts } from "../../../src/verify/cost/sentence-parts.js";
import { policyWith } from "../../support/costly-sentences.js";

function printed(sentence: string): string | undefined {
  const [rule] = policyWith(sentence).rules;
  const parts = rule === undefined ? undefined : partsOf(rule);
  return parts === undefined ? undefined : printParts(parts);
}

test.each([
  "allow each tenant <-> itself : roce",
  'deny a/a, b <-> any : web, roce on q across rails owner "n" because "w" until 2031-01-31',
  "allow a, b -> c : all on q, r",
])("%s comes back in its author's words", (sentence) => expect(printed(sentence)).toBe(sentence));

test("names that are there twice are there once, and comments are gone", () =>
  expect(printed("allow a, a -> b : # why\n web, web")).toBe("allow a -> b : web"));

test("a namespace in quotes keeps them", () =>
  expect(printed('allow a/"a" -> b : web')).toBe('allow a/"a" -> b : web'));
