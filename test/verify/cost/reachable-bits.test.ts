import { expect, test } from "vitest";
import { classifyTables } from "../../../src/datapath/unwildcard/classified-tables.js";
import { readField } from "../../../src/datapath/unwildcard/flow-words.js";
import { readFlows } from "../../../src/openflow/read.js";
import { areFollowed, ReachableBits } from "../../../src/verify/cost/reachable-bits.js";
import { packetsWith } from "../../support/packet-classes.js";

function tablesOf(...lines: string[]) {
  return classifyTables(readFlows({ name: "flows", text: lines.join("\n") }).flows);
}

const reachable = new ReachableBits(
  tablesOf(
    "table=0,priority=1,ip actions=goto_table:1",
    "table=1,priority=2,reg0=1,ip,nw_src=10.0.0.0/8 actions=goto_table:2",
    "table=1,priority=1,reg0=2,ip actions=drop",
    "table=2,priority=1,tcp,tp_dst=80 actions=set_field:02:00:00:00:00:01->eth_dst,output:1",
  ),
);

test("whoever cannot be told apart meets everything behind", () => {
  const { matched } = reachable.behind(0, packetsWith({}));
  expect(readField(matched, "nw_src")).toBe(0xff000000n);
  expect(readField(matched, "tp_dst")).toBe(0xffffn);
});

test("who has another value in a register meets nothing of what is behind that", () => {
  const { matched, touched } = reachable.behind(1, packetsWith({ reg0: 2n }));
  expect([readField(matched, "tp_dst"), readField(touched, "dl_dst")]).toEqual([0n, 0n]);
  expect(readField(reachable.behind(1, packetsWith({ reg0: 1n })).matched, "tp_dst")).toBe(0xffffn);
});

test("what is only written is touched, and not matched", () => {
  const { matched, touched } = reachable.behind(2, packetsWith({}));
  expect(readField(matched, "dl_dst")).toBe(0n);
  expect(readField(touched, "dl_dst")).toBe(0xffffffffffffn);
});

test("registers that nobody matches any more are one and the same", () => {
  const one = reachable.behind(2, packetsWith({ reg0: 1n }));
  expect(reachable.behind(2, packetsWith({ reg0: 2n }))).toBe(one);
});

test.each([
  ["actions=resubmit(,1)", false],
  ["tcp actions=conjunction(1,1/2)", false],
  ["conj_id=1,tcp actions=drop", false],
  ["actions=goto_table:1", true],
  ["ct_state=+trk actions=drop", false],
  ["actions=output:1", true],
])("%s is followed: %s", (line, isFollowed) =>
  expect(areFollowed(tablesOf(line))).toBe(isFollowed),
);
