import { expect, test } from "vitest";
import { partings } from "../../../src/verify/cost/partings.js";
import { policyWith } from "../../support/costly-sentences.js";

const textsOf = (sentence: string, rail = "r") =>
  partings(policyWith(sentence).rules, rail).map(({ texts }) => texts);

test("a rule may stand on its other rails alone, whole or one service at a time", () =>
  expect(textsOf('allow a -> b : low, web because "it"')).toEqual([
    ['allow a -> b : low, web on q because "it"'],
    ['allow a -> b : web because "it"', 'allow a -> b : low on q because "it"'],
    ['allow a -> b : low because "it"', 'allow a -> b : web on q because "it"'],
  ]));

test("one that has no other rail stays, and so does what denies", () => {
  expect(textsOf("allow a -> b : low on r")).toEqual([]);
  expect(textsOf("deny a -> b : low")).toEqual([]);
});
