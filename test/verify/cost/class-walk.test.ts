/** Ways through tables, counted by hand: what multiplies, what adds up, and what is one. */

import { expect, test } from "vitest";
import { classifyTables } from "../../../src/datapath/unwildcard/classified-tables.js";
import { readFlows } from "../../../src/openflow/read.js";
import { ClassWalk } from "../../../src/verify/cost/class-walk.js";
import { packetsWith } from "../../support/packet-classes.js";

function walkOf(...lines: string[]): ClassWalk {
  return new ClassWalk(classifyTables(readFlows({ name: "flows", text: lines.join("\n") }).flows));
}

const start = packetsWith({ dl_type: 0x0800n, nw_frag: 0n, reg0: 0n, reg1: 0n });
const counted = (walk: ClassWalk, from = [start]) => {
  const { megaflows, masks, isExact } = walk.countFrom(0, from);
  return { megaflows, masks, isExact };
};
const byte = (field: string, at: number) =>
  `${field}=00:00:00:00:00:00/${["ff:00", "00:ff"][at]}:00:00:00:00`;

test("what two ways have in common behind them is counted for each", () => {
  const walk = walkOf(
    `table=0,priority=1,${byte("dl_src", 0)} actions=set_field:1->reg0,goto_table:1`,
    "table=0,priority=0 actions=set_field:2->reg0,goto_table:1",
    `table=1,priority=1,${byte("dl_dst", 0)} actions=goto_table:2`,
    "table=2,priority=1,reg0=1 actions=output:1",
  );
  // 256 of the one byte with 256 of the other
  expect(counted(walk)).toEqual({ megaflows: 256 * 256, masks: 1, isExact: true });
});

test("a walk that misses shows only what it came to", () => {
  const walk = walkOf(
    `table=0,priority=1,${byte("dl_src", 0)} actions=goto_table:1`,
    `table=1,priority=1,${byte("dl_src", 1)} actions=goto_table:2`,
    "table=2,priority=0 actions=output:1",
  );
  expect(counted(walk)).toEqual({ megaflows: 255 + 256, masks: 2, isExact: true });
});

test("what is known outside a walk is still known behind it", () => {
  const tables = [
    `table=0,priority=1,${byte("dl_src", 0)} actions=set_field:1->reg1,goto_table:1`,
    "table=0,priority=0 actions=goto_table:1",
    `table=1,priority=1,${byte("dl_dst", 0)} actions=goto_table:2`,
    "table=1,priority=0 actions=goto_table:2",
    `table=2,priority=1,reg1=1,${byte("dl_dst", 1)} actions=output:1`,
  ];
  // of one source byte, the second destination byte is seen too
  expect(counted(walkOf(...tables))).toEqual({
    megaflows: 256 * 256 + 255 * 256,
    masks: 2,
    isExact: true,
  });
});

test("starts that the tables cannot tell apart are as many as the datapath sees", () => {
  const walk = walkOf("table=0,priority=0 actions=drop");
  expect(counted(walk, [start, start]).megaflows).toBe(2);
  expect(counted(walk, [start]).megaflows).toBe(1);
});

test("a table that there is not ends all who come there", () => {
  const walk = walkOf(`table=0,priority=1,${byte("dl_src", 0)} actions=goto_table:9`);
  expect(counted(walk)).toEqual({ megaflows: 256, masks: 1, isExact: true });
});
