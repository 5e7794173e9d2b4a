/** A plan as a person reads it at a node. */

import { expect, test } from "vitest";
import { type PlanView, printPlan } from "../../src/cli/print-plan.js";
import type { FlowText } from "../../src/switch/flow-text.js";
import type { Plan } from "../../src/switch/plan.js";
import { railOf, ruleCookie } from "../support/hand-made-rail.js";

const flow: FlowText = {
  table: 3,
  match: "priority=10,ip,in_port=2",
  cookie: `0x${ruleCookie.toString(16)}`,
  actions: "output:1",
  extras: "",
};
const ofNobody: FlowText = { ...flow, cookie: "0x7266010000000001" };
const ofFence: FlowText = { ...flow, cookie: "0x7266010000000002" };
const { provenance } = railOf([]);
const view: PlanView = {
  rail: "pf1",
  provenance: new Map([
    ...provenance,
    [0x7266010000000002n, { kind: "fence", duty: "drops what no rule allows" }],
  ]),
  portNumbers: new Map([
    ["p0", 1],
    ["pf0vf0", 2],
  ]),
  colour: false,
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
const body = (plan: Partial<Plan>) => printPlan(planOf(plan), view).split("\n").slice(1, -1);

test("the first line counts, flows of others too", () => {
  const plan = planOf({ adds: [flow], unchanged: 7, foreign: [flow, flow] });
  expect(printPlan(plan, view)).toMatch(
    /^pf1: bridge br-pf1: 1 to add, 0 to change, 0 to delete, 7 unchanged, 2 of others, untouched\n/,
  );
});

test("what is added and deleted stands below its rule, with the names of ports", () => {
  const text = "table=3, priority=10,ip,in_port=pf0vf0 actions=output:p0";
  expect(body({ adds: [ofFence, flow, flow], deletes: [ofNobody] })).toEqual([
    "  allow search <-> speech : roce (acp.policy:2:1)",
    `    + ${text}`,
    `    + ${text}`,
    "  of no rule that there is now (cookie 0x7266010000000001)",
    `    - ${text}`,
    "  of the fence itself: drops what no rule allows",
    `    + ${text}`,
  ]);
});

test("a port that the bridge no longer has keeps its number, and strange flows their own words", () => {
  const gone = { ...flow, actions: "output:7" };
  const strange = { ...flow, actions: "group:9" };
  expect(body({ adds: [gone, strange] }).slice(1)).toEqual([
    "    + table=3, priority=10,ip,in_port=pf0vf0 actions=output:7",
    `    + cookie=${flow.cookie},table=3,priority=10,ip,in_port=2 actions=group:9`,
  ]);
});

test.each([
  [{ actions: "output:2" }, "actions=output:pf0vf0"],
  [{ cookie: "0x7266010000000001" }, "cookie=0x7266010000000001"],
  [{ extras: "hard_timeout=60" }, "hard_timeout=60"],
  [{ extras: "hard_timeout=60", actions: "drop" }, "hard_timeout=60 actions=drop"],
])("of a changed flow, what was otherwise: %j", (other, was) => {
  const [, after, before] = body({ changes: [{ before: { ...flow, ...other }, after: flow }] });
  expect(after).toMatch(/^ {4}~ table=3, /);
  expect(before).toBe(`      was ${was}`);
});
