/** Where Open vSwitch gives up, and that nothing is claimed beyond. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { evaluate } from "../../src/openflow/evaluate.js";
import type { Flow } from "../../src/openflow/flow.js";
import { readFlows } from "../../src/openflow/read.js";
import { tablesOf } from "../../src/openflow/tables.js";
import { type Node, terminalOf } from "../../src/verify/proof/diagram.js";
import { HeaderSets } from "../../src/verify/proof/header-sets.js";
import { abandoned, unknown } from "../../src/verify/proof/outcome.js";
import { constantsOf } from "../../src/verify/proof/packet-kind.js";
import { flowTablesOf } from "../../src/verify/proof/rail-prover.js";
import { Relevance } from "../../src/verify/proof/relevance.js";
import { TableWalk } from "../../src/verify/proof/table-walk.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

function times(count: number, table: number): string {
  return Array.from({ length: count }, () => `resubmit(,${table})`).join();
}

/** Lookups beside the first, and whether Open vSwitch and the proof follow them all. */
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

/** So many inside each other, each to a later table: those do not count for the depth. */
function leadingOn(depth: number): string {
  const lines = Array.from(
    { length: depth },
    (_, at) => `table=${at + 1} actions=resubmit(,${at + 2})`,
  );
  return `table=0 actions=output:2,resubmit(,1)\n${lines.join("\n")}\n`;
}

function proved(flows: readonly Flow[]): Node {
  const portNumbers = new Map<string, number>();
  const tables = flowTablesOf(flows, portNumbers);
  const walked = { tables, relevance: new Relevance(tables), portNumbers };
  return new TableWalk(new HeaderSets(), constantsOf("other"), walked).outcomesFor(1);
}

test.each([
  ...cases.map(
    ([name, first, second, third, whoFollows]) =>
      [`${name} lookups`, tablesOfCase(first, second, third), whoFollows] as const,
  ),
  ["64 inside each other", nested(64), "both"],
  ["65 inside each other", nested(65), "nobody so deep"],
  ["200 inside each other that lead on", leadingOn(200), "both"],
] as const)("%s", (_, text, whoFollows) => {
  const { flows } = readFlows({ name: "test", text });
  const { doubt, outputs, givenUpAt } = evaluate(tablesOf(flows), new Map(), { inPort: 1 });
  const isFollowed = !whoFollows.startsWith("nobody");
  expect(doubt).toBeUndefined();
  expect(givenUpAt === undefined).toBe(isFollowed);
  expect(outputs).toHaveLength(isFollowed ? 1 : 0);
  const found = proved(flows);
  expect(found === terminalOf(unknown)).toBe(["Open vSwitch", "nobody"].includes(whoFollows));
  expect(found === terminalOf(abandoned)).toBe(whoFollows === "nobody so deep");
});

const circles = [
  ["to itself", "table=0 actions=output:2,resubmit(,0)"],
  ["of two tables", "table=0 actions=output:2,resubmit(,1),output:3\ntable=1 actions=resubmit(,0)"],
  [
    "by way of goto_table",
    "table=0 actions=output:2,resubmit(,1)\ntable=1 actions=goto_table:2\ntable=2 actions=resubmit(,1)",
  ],
  [
    "with two registers that change places",
    `table=0 actions=load:1->NXM_NX_REG0[],load:2->NXM_NX_REG1[],output:2,resubmit(,1)
table=1 actions=move:NXM_NX_REG0[]->NXM_NX_REG2[],move:NXM_NX_REG1[]->NXM_NX_REG0[],move:NXM_NX_REG2[]->NXM_NX_REG1[],resubmit(,1)
table=1,priority=1,reg0=7 actions=drop`,
  ],
] as const;

test.each(circles)("a circle %s drops what goes around in it", (_, text) => {
  const { flows } = readFlows({ name: "test", text });
  const { doubt, outputs, givenUpAt } = evaluate(tablesOf(flows), new Map(), { inPort: 1 });
  expect([doubt, outputs, givenUpAt?.table]).toEqual([undefined, [], expect.any(Number)]);
  expect(proved(flows)).toBe(terminalOf(abandoned));
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
    const others = [
      ...circles.map(([, text]) => [text, false] as const),
      [leadingOn(200), true],
    ] as const;
    for (const [text, isSent] of others) {
      writeFileSync(file, `${text}\n`);
      await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br0.mgmt`, file);
      const trace = await ovs.trace("br0", "in_port=1");
      expect(/^Datapath actions: (.*)$/m.exec(trace)?.[1] !== "drop", text).toBe(isSent);
    }
  });
});
