/** Budgets and cost tests of a policy, held against what the inventory's nodes will need. */

import type { Budget, CheckedPolicy, CostExpectation, Rule } from "../../policy/checked-policy.js";
import type { Inventory } from "../../policy/inventory.js";
import type { Diagnostic } from "../../text/diagnostic.js";
import { type LegitimateCost, legitimateCostOf } from "./rail-cost.js";
import { railModelOf } from "./rail-model.js";

/** As many of the rules that cost most are named. */
const named = 3;

/** A budget is for each rail of each node; a test of cost is for all rails of its node. */
export function checkBudgets(policy: CheckedPolicy, inventory: Inventory): Diagnostic[] {
  const tests = policy.tests.flatMap(({ expectations }) =>
    expectations.filter((one) => one.kind === "cost"),
  );
  if (policy.budgets.length === 0 && tests.length === 0) return [];
  const costs = new Map<string, LegitimateCost[]>();
  const costsOf = (node: string): readonly LegitimateCost[] => {
    const known = costs.get(node);
    if (known !== undefined) return known;
    const rails = [...(inventory.nodes.get(node)?.rails.keys() ?? [])].sort();
    const found = rails.map((rail) =>
      legitimateCostOf(railModelOf(policy, inventory, { node, rail })),
    );
    costs.set(node, found);
    return found;
  };
  const found: Diagnostic[] = [];
  for (const budget of policy.budgets)
    for (const node of [...inventory.nodes.keys()].sort())
      for (const cost of costsOf(node)) found.push(...overBudget(budget, cost));
  for (const test of tests) found.push(...failedTest(test, inventory, costsOf));
  return found;
}

function overBudget({ span, ...limits }: Budget, cost: LegitimateCost): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const measure of ["megaflows", "masks"] as const) {
    const atMost = limits[measure];
    const needed = cost.legitimate[measure];
    if (atMost === undefined || needed <= atMost) continue;
    found.push({
      code: "over-budget",
      span,
      measure,
      node: cost.node,
      rail: cost.rail,
      needed,
      atMost,
      ...dearest(cost.rules, measure),
    });
  }
  return found;
}

function failedTest(
  { span, measure, node, atMost }: CostExpectation,
  inventory: Inventory,
  costsOf: (node: string) => readonly LegitimateCost[],
): Diagnostic[] {
  if (!inventory.nodes.has(node)) return [{ code: "unknown-test-node", span, node }];
  const costs = costsOf(node);
  const needed = costs.reduce((sum, { legitimate }) => sum + legitimate[measure], 0);
  if (needed <= atMost) return [];
  const rules = costs.flatMap((one) => one.rules);
  return [{ code: "over-budget", span, measure, node, needed, atMost, ...dearest(rules, measure) }];
}

function dearest(
  rules: LegitimateCost["rules"],
  measure: "megaflows" | "masks",
): Pick<Extract<Diagnostic, { code: "over-budget" }>, "rules" | "labels"> {
  const sums = new Map<Rule, number>();
  for (const { rule, ...tally } of rules) sums.set(rule, (sums.get(rule) ?? 0) + tally[measure]);
  const most = [...sums].sort((a, b) => b[1] - a[1]).slice(0, named);
  return {
    rules: most.map(([{ text }, count]) => ({ text, count })),
    labels: most.map(([{ span }]) => ({ span, role: "costs-most" as const })),
  };
}
