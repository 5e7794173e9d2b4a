/** Patterns against every short name over a small alphabet. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesGlob, nameOfBoth } from "../../src/policy/glob.js";
import { namespaceClasses } from "../../src/policy/namespace-classes.js";

const seed = 20_261_125;

const patterns = fc
  .array(fc.constantFrom("a", "b", "-", "*"), { maxLength: 5 })
  .map((all) => all.join(""));
const names = allNames(6);

test.each([
  ["speech-*", "speech-dev", true],
  ["speech-*", "speech-", true],
  ["speech-*", "speech", false],
  ["*-dev", "a-dev-b", false],
  ["*a*a*", "aa", true],
  ["*a*a*", "a", false],
  ["aba*ba", "aba", false],
  ["a.c", "abc", false],
])("%s matches %s: %s", (pattern, name, expected) => {
  expect(matchesGlob(pattern, name)).toBe(expected);
});

test(`matching is what a regular expression says (seed ${seed})`, () => {
  const law = fc.property(patterns, (pattern) => {
    const expression = new RegExp(`^${pattern.replaceAll("*", ".*")}$`);
    for (const name of names) expect(matchesGlob(pattern, name)).toBe(expression.test(name));
  });
  fc.assert(law, { seed, numRuns: 60 });
});

test(`two patterns meet exactly where a name matches both, and that name is shown (seed ${seed})`, () => {
  const law = fc.property(patterns, patterns, (one, other) => {
    const found = nameOfBoth(one, other);
    if (found !== undefined) {
      expect(matchesGlob(one, found) && matchesGlob(other, found)).toBe(true);
      return;
    }
    expect(names.filter((name) => matchesGlob(one, name) && matchesGlob(other, name))).toEqual([]);
  });
  fc.assert(law, { seed, numRuns: 300 });
});

test(`the classes of names are all that patterns can tell apart (seed ${seed})`, () => {
  const some = fc.array(
    patterns.filter((each) => each !== ""),
    { minLength: 1, maxLength: 4 },
  );
  const law = fc.property(some, some, (claims, selectors) => {
    const all = [...new Set([...claims, ...selectors])].sort();
    const signature = (name: string) => all.filter((one) => matchesGlob(one, name)).join(" ");
    const isClaimed = (name: string) => claims.some((claim) => matchesGlob(claim, name));
    const classes = namespaceClasses(claims, selectors) ?? [];
    const found = classes.map(({ matched }) => [...matched].sort().join(" "));
    for (const each of classes)
      expect(signature(each.example)).toBe([...each.matched].sort().join(" "));
    expect(new Set(found).size).toBe(found.length);
    for (const name of names)
      if (name !== "" && isClaimed(name)) expect(found).toContain(signature(name));
  });
  fc.assert(law, { seed, numRuns: 100 });
});

function allNames(longest: number): string[] {
  const found = [""];
  for (const name of found)
    if (name.length < longest) found.push(...["a", "b", "-"].map((letter) => name + letter));
  return found;
}
