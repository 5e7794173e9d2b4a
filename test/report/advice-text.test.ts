/** Advice as a terminal shows it, of policies made to need it. */

import { expect, test } from "vitest";
import type { Inventory } from "../../src/policy/inventory.js";
import { adviceLines } from "../../src/report/advice-text.js";
import { adviceFor } from "../../src/verify/cost/advice.js";
import { railCostOf } from "../../src/verify/cost/rail-cost.js";
import { railModelOf } from "../../src/verify/cost/rail-model.js";
import { costlyFleet, place, policyWith } from "../support/costly-sentences.js";

const fleet: Inventory = costlyFleet();

function advice(kind: string, ...sentences: readonly string[]): string[] {
  const policy = policyWith(...sentences);
  const cost = railCostOf(railModelOf(policy, fleet, place));
  return adviceFor(policy, fleet, place, cost)
    .filter((one) => one.kind === kind)
    .flatMap((one) => adviceLines(one, cost.legitimate));
}

test("other sentences are written out, with what they mean", () => {
  const lines = advice(
    "separate",
    'allow a <-> b, c : roce owner "net"',
    'allow a <-> c : roce, web because "it"',
  );
  expect(lines).toEqual([
    "  advice: say what test.policy:12:1 says in other sentences, which mean the same: 16 -> 14 megaflows in 5 masks",
    "    write",
    '      allow a <-> c : web because "it"',
    "  advice: keep what test.policy:12:1 says apart, if you can do without it here: 16 -> 6 megaflows in 2 masks",
    "    what is left costs 2 less than it does beside that: 8 -> 6 megaflows in 2 masks",
    "    write",
    '      allow a <-> c : roce, web on q because "it"',
    "    closes a <-> c : web on r",
  ]);
});

test("a sentence that others say is to be left out", () => {
  const lines = advice("separate", "allow a <-> b, c : roce", 'allow a <-> c : roce owner "o"');
  expect(lines).toContain("    leave it out: other sentences say all of it");
});

test("every service in place of some is written out, with what it opens", () => {
  const lines = advice("open", "allow a <-> b : all", "allow a <-> c : low");
  expect(lines).toEqual([
    expect.stringMatching(
      /^ {2}advice: every service in place of those that test.policy:12:1 names/,
    ),
    "    write",
    "      allow a <-> c : all",
    "    opens a <-> c : all (except low) on q, r",
  ]);
});
