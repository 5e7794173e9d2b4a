/** What a plan makes of flows that Open vSwitch words otherwise. */

import { expect, test } from "vitest";
import type { FlowText } from "../../src/switch/flow-text.js";
import { isEmpty, planFlows } from "../../src/switch/plan.js";

const cookie = "0x7266010000000001";
const flow = (match: string, actions: string): FlowText => ({
  table: 3,
  match,
  cookie,
  actions,
  extras: "",
});

test.each([
  ["priority=10,ip,nw_frag=later", "drop", "priority=10,ip,ip_frag=later", "drop"],
  ["priority=10,udp,tp_dst=4791", "drop", "priority=10,udp,udp_dst=4791", "drop"],
  ["priority=10,ip", "set_field:0x1->reg0", "priority=10,ip", "load:0x1->NXM_NX_REG0[]"],
])(
  "`%s actions=%s` dumped as `%s actions=%s` is the same flow",
  (match, actions, otherMatch, otherActions) => {
    const plan = planFlows("br-pf1", [flow(otherMatch, otherActions)], [flow(match, actions)]);
    expect(isEmpty(plan)).toBe(true);
    expect(plan.unchanged).toBe(1);
  },
);

test("somebody else's flow in other words is in the way all the same", () => {
  const foreign = { ...flow("priority=10,udp,udp_dst=4791", "output:1"), cookie: "0x5" };
  const wanted = [flow("priority=10,udp,tp_dst=4791", "output:2")];
  expect(() => planFlows("br-pf1", [foreign], wanted)).toThrow("a flow of somebody else");
  expect(planFlows("br-pf1", [{ ...foreign, table: 9 }], wanted).foreign).toHaveLength(1);
});

test("in other words and with other actions it is changed, not deleted", () => {
  const before = flow("priority=10,udp,udp_dst=4791", "output:1");
  const after = flow("priority=10,udp,tp_dst=4791", "output:2");
  expect(planFlows("br-pf1", [before], [after])).toMatchObject({
    adds: [],
    changes: [{ before, after }],
    deletes: [],
  });
});
