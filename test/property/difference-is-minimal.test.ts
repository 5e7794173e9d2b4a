/** No two entries of a difference could be one: any two differ in more than their rails, or than their services. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { compareReach } from "../../src/policy/reachability/compare-policies.js";
import type { ReachEntry } from "../../src/policy/reachability/entry.js";
import { policyOf } from "../support/small-policy.js";
import { twoTexts } from "../support/two-policies.js";

const seed = 20_261_124;

test(`no two entries are one (seed ${seed})`, () => {
  const seen = { several: 0, withHoles: 0 };
  fc.assert(
    fc.property(twoTexts, ([oldText, newText]) => {
      const { gained, lost, later } = compareReach(policyOf(oldText), policyOf(newText));
      const all = [gained, lost, ...later.flatMap((each) => [each.gained, each.lost])];
      for (const entries of all) {
        expect(mergeable(entries)).toEqual([]);
        if (entries.length > 1) seen.several++;
        if (entries.some(({ except }) => except.length > 0)) seen.withHoles++;
      }
    }),
    { seed, numRuns: 100, endOnFailure: true },
  );
  expect(seen.several).toBeGreaterThan(50);
  expect(seen.withHoles).toBeGreaterThan(5);
});

/** Pairs that differ in one of these alone. */
function mergeable(entries: readonly ReachEntry[]): string[] {
  const keys = entries.flatMap((entry) => {
    const { openers, way, answerers, except, rails, services } = entry;
    const sides = { openers, way, answerers, except };
    return [textOf({ sides, rails }), textOf({ sides, services })];
  });
  return keys.filter((key, at) => keys.indexOf(key) !== at);
}

function textOf(what: object): string {
  return JSON.stringify(what, (_, value) => (typeof value === "bigint" ? `${value}` : value));
}
