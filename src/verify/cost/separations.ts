/** Advice to say what a rule says in other sentences: each is compiled and counted, and said only where it saves. */

import type { CheckedPolicy, Rule } from "../../policy/checked-policy.js";
import type { Inventory } from "../../policy/inventory.js";
import { compareReach, type ReachDifference } from "../../policy/reachability/compare-policies.js";
import { TooManyKinds } from "../../policy/reachability/pod-atoms.js";
import { runTests } from "../../policy/run-tests.js";
import type { RuleCost, Tally } from "./cost.js";
import { partings } from "./partings.js";
import { legitimateTallyOf } from "./rail-cost.js";
import { railModelOf } from "./rail-model.js";
import { rewordings } from "./rewordings.js";
import { rewrittenPolicy } from "./rewritten-policy.js";
import { partsOf, printParts } from "./sentence-parts.js";

/** What to write in the place of some rules, and what that means. */
export interface OtherSentences {
  readonly rules: readonly Rule[];
  /** In the formatter's form; none: the rules are left out. */
  readonly sentences: readonly string[];
  /** Empty where the policy means the same. */
  readonly reach: ReachDifference;
}

export interface Separation extends OtherSentences {
  readonly kind: "separate";
  readonly after: Tally;
  /** Where something is taken away: what the rest of the traffic costs in the tables as they are. */
  readonly others?: Tally;
}

/** As many that mean the same, and as many that take something away. */
const most = 3;

export function separationsFor(
  policy: CheckedPolicy,
  inventory: Inventory,
  place: { readonly node: string; readonly rail: string },
  now: Tally,
  costs: readonly RuleCost[],
): Separation[] {
  const rules = costs.map(({ rule }) => rule);
  const present = railModelOf(policy, inventory, place);
  const found: Separation[] = [];
  for (const { rules: replaced, texts } of rewordings(policy, rules)) {
    const written = said(policy, replaced, texts);
    if (written === undefined) continue;
    const after = legitimateTallyOf(railModelOf(written.policy, inventory, place));
    if (after.megaflows < now.megaflows) found.push({ kind: "separate", ...written.said, after });
  }
  const lesser: Separation[] = [];
  for (const { rules: replaced, texts } of partings(rules, place.rail)) {
    const written = said(policy, replaced, texts);
    if (written === undefined) continue;
    const model = railModelOf(written.policy, inventory, place);
    const after = legitimateTallyOf(model);
    // to take traffic away always saves what it cost; what is asked is whether the rest gets cheaper
    const others = legitimateTallyOf({ ...model, tables: present.tables });
    if (after.megaflows < others.megaflows)
      lesser.push({ kind: "separate", ...written.said, after, others });
  }
  return [...best(found), ...best(lesser)];
}

/** No two about the same rule. */
function best(found: readonly Separation[]): Separation[] {
  const kept: Separation[] = [];
  for (const one of [...found].sort(
    (a, b) => a.after.megaflows - b.after.megaflows || a.rules.length - b.rules.length,
  ))
    if (!kept.some(({ rules }) => rules.some((rule) => one.rules.includes(rule)))) kept.push(one);
  return kept.slice(0, most);
}

interface Written {
  readonly policy: CheckedPolicy;
  readonly said: OtherSentences;
}

/** The rule with these services in place of its own; undefined where that is no sentence, or its meaning cannot be told. */
export function withServices(
  policy: CheckedPolicy,
  rule: Rule,
  services: readonly string[],
): Written | undefined {
  const parts = partsOf(rule);
  return parts === undefined
    ? undefined
    : said(policy, [rule], [printParts({ ...parts, services })]);
}

function said(
  policy: CheckedPolicy,
  rules: readonly Rule[],
  texts: readonly string[],
): Written | undefined {
  const written = rewrittenPolicy(policy, rules, texts);
  // what a test of the policy forbids, or a reason that it asks for, is no matter of cost
  if (written === undefined || runTests(written.policy).length > 0) return undefined;
  try {
    const reach = compareReach(policy, written.policy);
    return { policy: written.policy, said: { rules, sentences: written.sentences, reach } };
  } catch (error) {
    if (error instanceof TooManyKinds) return undefined;
    throw error;
  }
}
