import { expect, test } from "vitest";
import { checkBudgets } from "../../../src/verify/cost/check-budgets.js";
import { legitimateCostOf } from "../../../src/verify/cost/rail-cost.js";
import { railModelOf } from "../../../src/verify/cost/rail-model.js";
import { costlyFleet, policyWith } from "../../support/costly-sentences.js";

const fleet = costlyFleet();
const rules = ['allow a <-> b, c : roce owner "net"', "allow a -> b : low"];
const costs = ["q", "r"].map((rail) =>
  legitimateCostOf(railModelOf(policyWith(...rules), fleet, { node: "n1", rail })),
);
const needed = costs.map(({ legitimate }) => legitimate.megaflows) as [number, number];
const inAll = needed[0] + needed[1];

const found = (...limits: string[]) => checkBudgets(policyWith(...rules, ...limits), fleet);

test("what is within every limit says nothing, and neither does a policy without one", () => {
  expect(found()).toEqual([]);
  expect(found(`budget { megaflows ${Math.max(...needed)} }`)).toEqual([]);
  expect(found(`test "t" { megaflows on n1 <= ${inAll} }`)).toEqual([]);
});

test("a budget is for each rail of each node, and names the rules that cost most", () => {
  const over = found(`budget { megaflows ${Math.min(...needed) - 1} }`);
  expect(over.map((one) => one.code === "over-budget" && [one.node, one.rail, one.needed])).toEqual(
    [
      ["n1", "q", needed[0]],
      ["n1", "r", needed[1]],
    ],
  );
  const [first] = over;
  expect(first?.code === "over-budget" && first.rules.map(({ count }) => count)).toEqual(
    costs[0]?.rules.map(({ megaflows }) => megaflows).sort((a, b) => b - a),
  );
});

test("megaflows and masks are limits of their own", () => {
  const over = found("budget { megaflows 100000 masks 1 }");
  expect(new Set(over.map((one) => one.code === "over-budget" && one.measure))).toEqual(
    new Set(["masks"]),
  );
});

test("a test of cost is for all rails of its node together", () => {
  const [one, ...others] = found(`test "t" { megaflows on n1 <= ${inAll - 1} }`);
  expect(others).toEqual([]);
  expect(one).toMatchObject({ code: "over-budget", needed: inAll, atMost: inAll - 1, node: "n1" });
});

test("a node that is not in the inventory is said", () =>
  expect(found('test "t" { masks on nowhere <= 1 }')).toMatchObject([
    { code: "unknown-test-node", node: "nowhere" },
  ]));
