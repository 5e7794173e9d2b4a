import { expect, test } from "vitest";
import { classifyTables } from "../../../src/datapath/unwildcard/classified-tables.js";
import { readField } from "../../../src/datapath/unwildcard/flow-words.js";
import { readFlows } from "../../../src/openflow/read.js";
import { TableScopes } from "../../../src/verify/cost/table-scopes.js";

function scopesOf(...lines: string[]) {
  return new TableScopes(
    classifyTables(readFlows({ name: "flows", text: lines.join("\n") }).flows),
  );
}

const scopes = scopesOf(
  "table=0,reg0=1,dl_src=02:00:00:00:00:00/ff:00:00:00:00:00 actions=goto_table:1",
  "table=1,dl_src=02:00:00:00:00:01 actions=set_field:3->reg1,goto_table:2",
  "table=2,reg1=3,ip actions=goto_table:3",
  "table=3,reg0=1,tcp,tp_dst=80 actions=output:1",
);

test("a walk goes on through tables that match no other registers", () => {
  expect([...scopes.of(0).tables]).toEqual([0, 1]);
  expect([...scopes.of(1).tables]).toEqual([1]);
  expect([...scopes.of(2).tables]).toEqual([2]);
});

test("what any of its tables matches or writes is touched", () => {
  const { touched } = scopes.of(0);
  expect(readField(touched, "dl_src")).toBe(0xffffffffffffn);
  expect([readField(touched, "reg0"), readField(touched, "reg1")]).toEqual([
    0xffffffffn,
    0xffffffffn,
  ]);
  expect(readField(touched, "tp_dst")).toBe(0n);
});

test("who looks behind the IP header asks for protocol and fragment, and for all that is there", () => {
  const { touched } = scopes.of(3);
  expect([readField(touched, "nw_proto"), readField(touched, "nw_frag")]).toEqual([0xffn, 3n]);
  expect(readField(touched, "nd_target")).toBe((1n << 128n) - 1n);
  expect(readField(scopes.of(0).touched, "nw_proto")).toBe(0n);
});

test("a table that there is not touches next to nothing", () =>
  expect([...scopes.of(9).tables]).toEqual([9]));
