/** Fields of neighbour discovery that are written while a packet is none: Open vSwitch does nothing then, and so do we. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { evaluate } from "../../src/openflow/evaluate.js";
import type { PacketFields } from "../../src/openflow/packet-fields.js";
import { readFlows } from "../../src/openflow/read.js";
import { tablesOf } from "../../src/openflow/tables.js";
import { terminalOf } from "../../src/verify/proof/diagram.js";
import { HeaderSets } from "../../src/verify/proof/header-sets.js";
import { dropped } from "../../src/verify/proof/outcome.js";
import { constantsOf } from "../../src/verify/proof/packet-kind.js";
import { flowTablesOf } from "../../src/verify/proof/rail-prover.js";
import { Relevance } from "../../src/verify/proof/relevance.js";
import { TableWalk } from "../../src/verify/proof/table-walk.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

const solicitation = "icmp6,icmp_type=135,icmp_code=0";
const advertisement = "icmp6,icmp_type=136,icmp_code=0";
const [own, other] = ["02:00:00:00:00:05", "02:00:00:00:00:09"];
const first = `table=0,${solicitation} actions=`;

const cases = [
  [
    "written while it is one",
    `${first}set_field:${other}->nd_sll,resubmit(,1)\ntable=1,${solicitation},nd_sll=${other} actions=output:2`,
    true,
  ],
  [
    "written while it is none",
    `${first}set_field:133->icmpv6_type,set_field:${other}->nd_sll,set_field:135->icmpv6_type,resubmit(,1)
table=1,${solicitation},nd_sll=${own} actions=output:2`,
    true,
  ],
  [
    "written with another code",
    `${first}set_field:1->icmpv6_code,set_field:${other}->nd_sll,set_field:0->icmpv6_code,resubmit(,1)
table=1,${solicitation},nd_sll=${other} actions=output:2`,
    false,
  ],
  [
    "copied while it is none",
    `${first}set_field:133->icmpv6_type,move:NXM_NX_ND_SLL[]->NXM_OF_ETH_SRC[],resubmit(,1)\ntable=1,dl_src=${own} actions=output:2`,
    false,
  ],
  [
    "of the other kind once it is one",
    `${first}set_field:136->icmpv6_type,resubmit(,1)
table=1,${advertisement} actions=set_field:${other}->nd_tll,resubmit(,2)\ntable=2,${advertisement},nd_tll=${other} actions=output:2`,
    true,
  ],
  [
    "put back while it is none",
    `${first}move:NXM_NX_ND_SLL[]->NXM_OF_ETH_DST[],set_field:${other}->nd_sll,set_field:133->icmpv6_type,move:NXM_OF_ETH_DST[]->NXM_NX_ND_SLL[],set_field:135->icmpv6_type,resubmit(,1)
table=1,${solicitation},nd_sll=${own} actions=output:2`,
    false,
  ],
] as const;

const packet: PacketFields = new Map([
  ...([
    ["dl_type", 0x86ddn],
    ["nw_proto", 58n],
    ["nw_ttl", 255n],
  ] as const),
  ...([
    ["icmpv6_type", 135n],
    ["nd_target", 1n],
    ["nd_sll", 0x020000000005n],
  ] as const),
]);
const text = `in_port=1,dl_type=0x86dd,nw_proto=58,nw_ttl=255,icmpv6_type=135,icmpv6_code=0,nd_target=::1,nd_sll=${own}`;

test.each(cases)("%s", (_, lines, isSent) => {
  const { flows } = readFlows({ name: "test", text: lines });
  const { outputs, doubt } = evaluate(tablesOf(flows), packet, { inPort: 1 });
  expect([doubt, outputs.length]).toEqual([undefined, isSent ? 1 : 0]);
  const portNumbers = new Map<string, number>();
  const tables = flowTablesOf(flows, portNumbers);
  const walked = { tables, relevance: new Relevance(tables), portNumbers };
  const sets = new HeaderSets();
  const walk = new TableWalk(sets, constantsOf("solicitation"), walked);
  const same = (["nd_sll", "dl_src", "dl_dst"] as const).map((name) =>
    sets.equal(name, packet.get(name) ?? 0n),
  );
  const found = walk.outcomesFor(1);
  const { values } = sets.operations.valuesOf(
    sets.operations.choose(sets.allOf(...same), found, terminalOf(dropped)),
  );
  expect(values.some((value) => value !== dropped)).toBe(isSent);
});

describeWithOpenVswitch("Open vSwitch", () => {
  test("does the same", async () => {
    const ovs = await testSwitch({ bridges: [{ name: "br0", ports: ["p1", "p2"] }] });
    const file = join(ovs.runDirectory, "flows");
    for (const [name, lines, isSent] of cases) {
      writeFileSync(file, `${lines}\n`);
      const target = `unix:${ovs.runDirectory}/br0.mgmt`;
      await ovs.ofctl("-O", "OpenFlow14", "--bundle", "replace-flows", target, file);
      const trace = await ovs.trace("br0", text);
      expect(/^Datapath actions: (.*)$/m.exec(trace)?.[1] !== "drop", name).toBe(isSent);
    }
  });
});
