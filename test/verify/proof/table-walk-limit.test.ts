/** Tables that send packets around in circles, each time with something else in a register. */

import { expect, test } from "vitest";
import { compileRail } from "../../../src/compile/compile-rail.js";
import { readFlows } from "../../../src/openflow/read.js";
import { DiagramLimitError } from "../../../src/verify/proof/diagram.js";
import { proveRail } from "../../../src/verify/proof/prove-rail.js";
import { smallWorld } from "../../support/neighbour-space.js";

test("more places than a walk can keep end the proof, and are no defect", {
  timeout: 60_000,
}, () => {
  const world = smallWorld({ mode: "bridged", uplinkSource: "verify" });
  const { flows } = compileRail(world.policy, world.inventory, world);
  const circle = `table=128,priority=1001,icmp6,reg3=0x3fee9904,in_port=v2,icmp_type=136,icmp_code=0,nd_target=::4/::7f:ffff:ffff:ffff actions=resubmit(,250),goto_table:129
table=250,priority=101 actions=move:NXM_NX_REG9[]->NXM_NX_REG0[],resubmit(,0)`;
  const foreign = readFlows({ name: "foreign", text: circle }).flows;
  expect(() => proveRail({ ...world, flows: [...flows, ...foreign] })).toThrow(DiagramLimitError);
});
