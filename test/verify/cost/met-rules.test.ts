import { expect, test } from "vitest";
import { classifyTables } from "../../../src/datapath/unwildcard/classified-tables.js";
import type { Subtable } from "../../../src/datapath/unwildcard/subtable.js";
import { readFlows } from "../../../src/openflow/read.js";
import { metRules } from "../../../src/verify/cost/met-rules.js";
import { packetsWith } from "../../support/packet-classes.js";

function subtableOf(...lines: string[]): Subtable {
  const { flows } = readFlows({ name: "flows", text: lines.join("\n") });
  return classifyTables(flows).byNumber.get(0)?.subtables[0] as Subtable;
}

const subtable = subtableOf(
  "table=0,priority=1,reg0=1,ip,nw_src=10.0.0.1 actions=goto_table:1",
  "table=0,priority=1,reg0=1,ip,nw_src=10.0.0.2 actions=goto_table:1",
  "table=0,priority=1,reg0=1,ip,nw_src=10.0.0.3 actions=goto_table:2",
  "table=0,priority=1,reg0=2,ip,nw_src=10.0.0.1 actions=goto_table:1",
);

test("rules that differ in what nobody knows there, and do the same, are met as one", () =>
  expect(metRules(subtable, packetsWith({})).rules).toHaveLength(3));

test("a known register leaves the rules that have it, and what is unknown leaves all", () => {
  expect(metRules(subtable, packetsWith({ reg0: 1n })).rules).toHaveLength(2);
  expect(metRules(subtable, packetsWith({ nw_src: 9n })).rules).toHaveLength(3);
});

test("where no rule has it, a lookup ends in the stage that tells", () => {
  expect(metRules(subtable, packetsWith({ reg0: 3n }))).toEqual({ rules: [], stages: 1 });
  // the EtherType stands in the second stage
  expect(metRules(subtable, packetsWith({ dl_type: 0x86ddn }))).toEqual({ rules: [], stages: 2 });
  expect(metRules(subtable, packetsWith({ reg0: 1n })).stages).toBe(subtable.stages.length);
});
