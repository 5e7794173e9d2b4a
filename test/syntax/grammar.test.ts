/** The examples in grammar/policy.ohm, and the words that the scanner must know as the grammar does. */

import { readFileSync } from "node:fs";
import { grammar as loadGrammar } from "ohm-js";
import { extractExamples } from "ohm-js/extras";
import { describe, expect, test } from "vitest";
import { failureOf, grammarRecipe } from "../../src/syntax/grammar.js";
import { keywords, openings } from "../../src/syntax/words.js";

const text = readFileSync(new URL("../../grammar/policy.ohm", import.meta.url), "utf8");
const grammar = loadGrammar(text);
const examples: readonly ReturnType<typeof extractExamples>[number][] = extractExamples(text);

describe("examples", () => {
  test.each(examples)("$rule, $example, $shouldMatch", ({ rule, example, shouldMatch }) => {
    expect(grammar.match(example, rule).succeeded()).toBe(shouldMatch);
  });

  test("every rule with a description has one that matches and one that does not", () => {
    const described = [...text.matchAll(/^ {2}(\w+) \(.+\)/gm)].map(([, rule]) => rule as string);
    const without = described.filter((rule) =>
      [true, false].some(
        (matches) => !examples.some((one) => one.rule === rule && one.shouldMatch === matches),
      ),
    );
    // names of one kind are told apart by their descriptions alone
    expect(without).toEqual([]);
  });
});

test("grammar/policy.recipe.json is what Ohm makes of the grammar", async () => {
  const file = new URL("../../grammar/policy.recipe.json", import.meta.url).pathname;
  await expect(grammarRecipe()).toMatchFileSnapshot(file);
});

test("the scanner's keywords are the grammar's", () => {
  const body = /\n {2}keyword\n {4}= \(([^)]*)\)/.exec(text)?.[1] ?? "";
  const words = [...body.matchAll(/"(\w+)"/g)].map(([, word]) => word);
  expect(words.toSorted()).toEqual([...keywords].sort());
});

test("every opening keyword leads to a rule of the grammar", () => {
  for (const [word, rule] of openings) {
    expect(grammar.rules[rule], rule).toBeDefined();
    expect(failureOf(word, rule).at, word).toBe(word.length);
  }
});
