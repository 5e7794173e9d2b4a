import { expect, test } from "vitest";
import { rewordings } from "../../../src/verify/cost/rewordings.js";
import { policyWith } from "../../support/costly-sentences.js";

/** Whether they cost less is not asked here. */
function textsOf(...sentences: readonly string[]): readonly (readonly string[])[] {
  const policy = policyWith(...sentences);
  return rewordings(policy, policy.rules).map(({ texts }) => texts);
}

test("of several services and sides only what is repeated is taken out", () => {
  const found = textsOf('allow a -> b : low owner "one"', 'allow a -> b, c : low, web owner "two"');
  expect(found).toContainEqual([
    'allow a -> c : low owner "two"',
    'allow a -> b, c : web owner "two"',
  ]);
});

test("what a rule allows on its rails alone is no repetition of the others", () =>
  expect(
    textsOf('allow a -> b : low on q owner "one"', 'allow a -> b : low on r owner "two"'),
  ).toEqual([]));

test("what ends on another day is no repetition", () =>
  expect(
    textsOf('allow a -> b : low until 2031-01-01 owner "one"', 'allow a -> b : low owner "two"'),
  ).toEqual([
    // the one that lasts says the other, and not the other way about
    [],
  ]));

test("denials are put together as allowances are, and never one with another", () => {
  expect(textsOf("deny a -> b : low", "deny a -> c : low")).toEqual([["deny a -> b, c : low"]]);
  expect(textsOf("deny a -> b : low", "allow a -> c : low")).toEqual([]);
});

test("each tenant with itself is one rule for all services", () =>
  expect(
    textsOf("allow each tenant <-> itself : low", "allow each tenant <-> itself : web"),
  ).toEqual([["allow each tenant <-> itself : low, web"]]));
