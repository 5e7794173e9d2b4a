/** A plan as a person reads it at a node. */

import { expect, test } from "vitest";
import { printPlan } from "../../src/cli/print-plan.js";
import type { FlowText } from "../../src/switch/flow-text.js";
import type { Plan } from "../../src/switch/plan.js";

const flow: FlowText = {
  table: 3,
  match: "priority=10,ip",
  cookie: "0x7266010000000001",
  actions: "output:1",
  extras: "",
};
const planOf = (plan: Partial<Plan>): Plan => ({
  bridge: "br-pf1",
  adds: [],
  changes: [],
  deletes: [],
  unchanged: 0,
  foreign: [],
  ...plan,
});
const body = (plan: Partial<Plan>) =>
  printPlan("pf1", planOf(plan), false).split("\n").slice(1, -1);

test("the first line counts, flows of others too", () => {
  const plan = planOf({ adds: [flow], unchanged: 7, foreign: [flow, flow] });
  expect(printPlan("pf1", plan, false)).toMatch(
    /^pf1: bridge br-pf1: 1 to add, 0 to change, 0 to delete, 7 unchanged, 2 of others, untouched\n/,
  );
});

test("what is added and deleted has its sign", () => {
  const text = "cookie=0x7266010000000001,table=3,priority=10,ip actions=output:1";
  expect(body({ adds: [flow], deletes: [flow] })).toEqual([`  + ${text}`, `  - ${text}`]);
});

test.each([
  [{ actions: "drop" }, "actions=drop"],
  [{ cookie: "0x7266010000000002" }, "cookie=0x7266010000000002"],
  [{ extras: "hard_timeout=60" }, "hard_timeout=60"],
  [{ extras: "hard_timeout=60", actions: "drop" }, "hard_timeout=60 actions=drop"],
])("of a changed flow, what was otherwise: %j", (other, was) => {
  const [after, before] = body({ changes: [{ before: { ...flow, ...other }, after: flow }] });
  expect(after).toMatch(/^ {2}~ cookie=0x7266010000000001,/);
  expect(before).toBe(`    was ${was}`);
});
