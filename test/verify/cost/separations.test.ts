/** Advice to write other sentences: what it says, what it saves, and when there is none. */

import { expect, test } from "vitest";
import { compareReach, isSameReach } from "../../../src/policy/reachability/compare-policies.js";
import { meaningLines } from "../../../src/report/advice-text.js";
import { legitimateTallyOf, railCostOf } from "../../../src/verify/cost/rail-cost.js";
import { railModelOf } from "../../../src/verify/cost/rail-model.js";
import { type Separation, separationsFor } from "../../../src/verify/cost/separations.js";
import { costlyFleet, overlapping, place, policyWith } from "../../support/costly-sentences.js";

const fleet = costlyFleet();

function adviceOn(...sentences: readonly string[]) {
  const policy = policyWith(...sentences);
  const { legitimate, rules } = railCostOf(railModelOf(policy, fleet, place));
  const found = separationsFor(policy, fleet, place, legitimate, rules);
  return { now: legitimate, same: found.filter(means("same")), less: found.filter(means("less")) };
}

const means = (what: "same" | "less") => (one: Separation) =>
  isSameReach(one.reach) === (what === "same");

function tallyWith(...sentences: readonly string[]) {
  return legitimateTallyOf(railModelOf(policyWith(...sentences), fleet, place));
}

test("what another sentence says too is left out, and the rest keeps its clauses", () => {
  const others = 'allow a <-> b, c : roce owner "net"';
  const { now, same } = adviceOn(others, 'allow a <-> c : roce, web because "it"');
  expect(same.map(({ sentences }) => sentences)).toEqual([['allow a <-> c : web because "it"']]);
  expect(same[0]?.after).toEqual(tallyWith(others, 'allow a <-> c : web because "it"'));
  expect(same[0]?.after.megaflows).toBeLessThan(now.megaflows);
});

test("a sentence that others say whole is left out whole", () => {
  const { same } = adviceOn("allow a <-> b, c : roce", "allow a <-> c : roce");
  expect(same[0]?.sentences).toEqual([]);
  expect(same[0]?.after).toEqual(tallyWith("allow a <-> b, c : roce"));
});

test("one thing in two sentences is said in one", () => {
  const { same } = adviceOn("allow a -> b : low", "allow a -> b : high");
  expect(same.map(({ sentences }) => sentences)).toEqual([["allow a -> b : low, high"]]);
  const sides = adviceOn("allow a <-> b : roce", "allow a <-> c : roce");
  expect(sides.same.map(({ sentences }) => sentences)).toEqual([["allow a <-> b, c : roce"]]);
});

test("a reason or an owner of its own keeps a sentence its own", () => {
  const { same } = adviceOn('allow a -> b : low owner "one"', 'allow a -> b : high owner "two"');
  expect(same).toEqual([]);
});

const roceToBoth = 'allow a <-> b, c : roce owner "net"';
const alsoWeb = 'allow a <-> c : roce, web because "it"';

test("what makes others' traffic finer may stand on another rail, and what that takes is said", () => {
  const { now, less } = adviceOn(roceToBoth, alsoWeb);
  const [one] = less;
  expect(one?.sentences).toEqual(['allow a <-> c : roce, web on q because "it"']);
  expect(meaningLines(one as Separation)).toEqual({ opens: [], closes: ["a <-> c : web on r"] });
  expect(one?.after).toEqual(tallyWith(roceToBoth));
  // more than its own megaflows: what is left is cheaper than it was beside it
  expect(one?.others?.megaflows).toBeLessThan(now.megaflows);
  expect(one?.after.megaflows).toBeLessThan(one?.others?.megaflows as number);
});

test("what a test of the policy asks for is not advised away", () => {
  expect(adviceOn(roceToBoth, alsoWeb).less).not.toEqual([]);
  const asked = 'test "t" { a can reach c with web on r }';
  expect(adviceOn(roceToBoth, alsoWeb, asked).less).toEqual([]);
});

test("sentences that cost nothing extra are left alone", () => {
  const { same, less } = adviceOn("allow a <-> b, c : roce");
  expect([...same, ...less]).toEqual([]);
});

test("every advice parses as it stands, and means what it says", () => {
  const policy = policyWith(...overlapping);
  const { same, less } = adviceOn(...overlapping);
  expect(same.length).toBeGreaterThan(1);
  expect(less.length).toBeGreaterThan(0);
  for (const { rules, sentences, reach, after } of [...same, ...less]) {
    const kept = policy.rules.filter((rule) => !rules.some(({ id }) => id === rule.id));
    const changed = policyWith(...kept.map(({ text }) => text), ...sentences);
    expect(compareReach(policy, changed)).toMatchObject({
      gained: reach.gained.map(() => ({})),
      lost: reach.lost.map(() => ({})),
    });
    expect(legitimateTallyOf(railModelOf(changed, fleet, place))).toEqual(after);
  }
});
