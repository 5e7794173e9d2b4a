import { expect, test } from "vitest";
import type { Rule } from "../../../src/policy/checked-policy.js";
import { rewrittenPolicy } from "../../../src/verify/cost/rewritten-policy.js";
import { policyWith } from "../../support/costly-sentences.js";

const policy = policyWith("group both = b, c", "allow a -> b : web", "allow a -> c : web");
const [first] = policy.rules as [Rule, Rule];
const rewritten = (...texts: string[]) => rewrittenPolicy(policy, [first], texts);

test("is the policy that the sentences would make", () => {
  const other = policy.rules.find((rule) => rule !== first) as Rule;
  const ours = rewritten("allow a->both:low,  web");
  const theirs = policyWith("group both = b, c", other.text, "allow a -> both : low, web");
  const bare = ({ span: _, ...rule }: Rule) => rule;
  expect(ours?.policy.rules.map(bare)).toEqual(theirs.rules.map(bare));
  expect(ours?.sentences).toEqual(["allow a -> both : low, web"]);
});

test("what another rule says already is there once", () => {
  const same = policy.rules.find((rule) => rule !== first)?.text as string;
  expect(rewritten(same)?.policy.rules).toHaveLength(1);
});

test("no sentence at all leaves the rule out", () =>
  expect(rewritten()?.policy.rules).toHaveLength(1));

test.each([
  ["is no sentence", "allow a ->"],
  ["is another kind of sentence", "rail z"],
  ["names what there is not", "allow a -> d : web"],
  ["goes one way for RoCEv2", "allow a -> b : roce"],
])("what %s makes none", (_, text) => expect(rewritten(text)).toBeUndefined());

test("a rule of the past that still held when the policy was checked still holds", () =>
  expect(rewritten("allow a -> b : web until 2026-08-02")?.policy.rules).toHaveLength(2));
