/** Which name is meant. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closestName, editDistance } from "../../src/text/edit-distance.js";

describe("the distance", () => {
  test.each([
    ["", "", 0],
    ["", "abc", 3],
    ["serach", "search", 1],
    ["search", "speech", 3],
    ["kitten", "sitting", 3],
  ])("%s, %s: %i", (one, other, distance) => {
    expect(editDistance(one, other)).toBe(distance);
    expect(editDistance(other, one)).toBe(distance);
  });

  test("is nothing between equals alone, and at most the longer length (seed 7)", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
        const distance = editDistance(one, other);
        expect(distance === 0).toBe(one === other);
        expect(distance).toBeLessThanOrEqual(Math.max(one.length, other.length));
      }),
      { seed: 7 },
    );
  });
});

describe("the closest name", () => {
  test.each([
    ["serch", ["search", "speech"], "search"],
    ["Search", ["search"], "search"],
    ["roec", ["roce", "nfs"], "roce"],
    ["pf3", ["pf2", "pf1"], "pf1"],
    ["billing", ["search", "speech"], undefined],
    ["search", ["search"], undefined],
    ["x", [], undefined],
  ])("of %s among %j: %s", (wanted, names, closest) => {
    expect(closestName(wanted, names)).toBe(closest);
    expect(closestName(wanted, names.toReversed())).toBe(closest);
  });
});
