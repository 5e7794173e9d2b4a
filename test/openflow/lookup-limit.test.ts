/** Where Open vSwitch gives up, and that nothing is claimed beyond. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { evaluate } from "../../src/openflow/evaluate.js";
import { readFlows } from "../../src/openflow/read.js";
import { tablesOf } from "../../src/openflow/tables.js";
import { terminalOf } from "../../src/verify/proof/diagram.js";
import { HeaderSets } from "../../src/verify/proof/header-sets.js";
import { unknown } from "../../src/verify/proof/outcome.js";
import { constantsOf } from "../../src/verify/proof/packet-kind.js";
import { flowTablesOf } from "../../src/verify/proof/rail-prover.js";
import { Relevance } from "../../src/verify/proof/relevance.js";
import { TableWalk } from "../../src/verify/proof/table-walk.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

function times(count: number, table: number): string {
  return Array.from({ length: count }, () => `resubmit(,${table})`).join();
}

/** Lookups beside the first, and whether we and Open vSwitch follow them all. */
const cases = [
  ["512", `${times(8, 1)},output:2`, times(63, 2), "drop", "both"],
  ["513", `${times(8, 1)},resubmit(,2),output:2`, times(63, 2), "drop", "Open vSwitch"],
  ["515 with goto_table", `${times(1, 1)},output:2`, times(257, 2), "goto_table:3", "Open vSwitch"],
  ["4096", `${times(64, 1)},output:2`, times(63, 2), "drop", "Open vSwitch"],
  ["4097", `${times(64, 1)},resubmit(,2),output:2`, times(63, 2), "drop", "nobody"],
  ["4160 with goto_table", `${times(64, 1)},output:2`, times(32, 2), "goto_table:3", "nobody"],
] as const;

function tablesOfCase(first: string, second: string, third: string): string {
  return `table=0 actions=${first}\ntable=1 actions=${second}\ntable=2 actions=${third}\ntable=3 actions=drop\n`;
}

/** A `resubmit` inside each of so many others, always to the same table: Open vSwitch does not count those that lead on. */
function nested(depth: number): string {
  const again = (at: number) => `reg0=${at} actions=load:${at + 1}->NXM_NX_REG0[],resubmit(,0)`;
  const lines = Array.from({ length: depth }, (_, at) => again(at));
  return `${lines.join("\n")}\nreg0=${depth} actions=output:2\n`;
}

test.each([
  ...cases.map(
    ([name, first, second, third, whoFollows]) =>
      [`${name} lookups`, tablesOfCase(first, second, third), whoFollows === "both"] as const,
  ),
  ["64 inside each other", nested(64), true],
  ["65 inside each other", nested(65), false],
] as const)("%s", (_, text, isFollowed) => {
  const { flows } = readFlows({ name: "test", text });
  const { doubt, outputs } = evaluate(tablesOf(flows), new Map(), { inPort: 1 });
  expect(doubt?.kind).toBe(isFollowed ? undefined : "too-deep");
  expect(outputs).toHaveLength(isFollowed ? 1 : 0);
  const portNumbers = new Map<string, number>();
  const tables = flowTablesOf(flows, portNumbers);
  const walked = { tables, relevance: new Relevance(tables), portNumbers };
  const walk = new TableWalk(new HeaderSets(), constantsOf("other"), walked);
  const isUnknown = walk.outcomesFor(1) === terminalOf(unknown);
  expect(isUnknown).toBe(!isFollowed);
});

describeWithOpenVswitch("Open vSwitch", () => {
  test("follows whatever we follow, and stops at 4096", async () => {
    const ovs = await testSwitch({ bridges: [{ name: "br0", ports: ["p1", "p2"] }] });
    const file = join(ovs.runDirectory, "flows");
    for (const [name, first, second, third, whoFollows] of cases) {
      const isFollowed = whoFollows !== "nobody";
      writeFileSync(file, tablesOfCase(first, second, third));
      await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br0.mgmt`, file);
      const trace = await ovs.trace("br0", "in_port=1");
      expect(!trace.includes("over 4096 resubmit actions"), name).toBe(isFollowed);
      expect(/^Datapath actions: (.*)$/m.exec(trace)?.[1] !== "drop", name).toBe(isFollowed);
    }
    for (const depth of [64, 65]) {
      writeFileSync(file, nested(depth));
      await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br0.mgmt`, file);
      const trace = await ovs.trace("br0", "in_port=1");
      expect(/^Datapath actions: (.*)$/m.exec(trace)?.[1] !== "drop").toBe(depth === 64);
    }
  });
});
