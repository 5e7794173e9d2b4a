/** What our evaluation of flows does with a frame, by hand. */

import { expect, test } from "vitest";
import { evaluate } from "../../src/openflow/evaluate.js";
import { inPort } from "../../src/openflow/match.js";
import type { PacketFields } from "../../src/openflow/packet-fields.js";
import { readFlows } from "../../src/openflow/read.js";
import { tablesOf } from "../../src/openflow/tables.js";

const packet: PacketFields = new Map([
  ["dl_type", 0x0800n],
  ["nw_dst", 0x0a000001n],
  ["nw_proto", 6n],
  ["tp_dst", 80n],
]);

const numbers = new Map([["pf0vf0", 4]]);

function run(text: string, from: number | string = 1) {
  const { flows } = readFlows({ name: "flows", text });
  return evaluate(tablesOf(flows, numbers), packet, { inPort: from });
}

function portsOf(text: string, from?: number | string) {
  return run(text, from).outputs.map(({ port }) => port);
}

test("a name and its number are one port", () => {
  expect(portsOf("in_port=pf0vf0 actions=output:2", 4)).toEqual([2]);
  expect(portsOf("in_port=4 actions=output:2", "pf0vf0")).toEqual([2]);
});

test("a packet goes back only where IN_PORT says so", () => {
  expect(portsOf("ip actions=output:1,output:2")).toEqual([2]);
  expect(portsOf("ip actions=IN_PORT")).toEqual([1]);
  expect(inPort).toBe(0xfff8);
});

test("two flows of one priority are a doubt, unless they do the same", () => {
  const two = (one: string, other: string) =>
    run(`priority=5,ip actions=${one}\npriority=5,tcp actions=${other}\npriority=1 actions=drop`);
  expect(two("output:2", "output:3").doubt?.kind).toBe("ambiguous");
  expect(two("output:2", "output:2").doubt).toBeUndefined();
});

test("a key that nobody understands is a doubt only where it could decide", () => {
  const with3 = (priority: number) =>
    run(`priority=${priority},ip,ct_state=+trk actions=output:3\npriority=5,ip actions=output:2`);
  expect(with3(9).doubt?.kind).toBe("unknown-match");
  expect(with3(5).doubt?.kind).toBe("unknown-match");
  expect(with3(4).doubt).toBeUndefined();
  expect(run("priority=9,arp,ct_state=+trk actions=output:3").doubt).toBeUndefined();
});

test("an unknown action ends what can be known", () => {
  const { doubt, outputs } = run("ip actions=output:2,dec_ttl,output:3");
  expect(doubt).toMatchObject({ kind: "unknown-action", text: "dec_ttl" });
  expect(outputs.map(({ port }) => port)).toEqual([2]);
});

test("an output is sent as the packet was then", () => {
  const set = "set_field:10.0.0.9->ip_dst";
  const [before, after] = run(`ip actions=output:2,${set},output:3`).outputs;
  expect(before?.fields.get("nw_dst")).toBe(0x0a000001n);
  expect(after?.fields.get("nw_dst")).toBe(0x0a000009n);
});

test("goto_table to the table itself is a doubt", () => {
  expect(run("table=3,ip actions=goto_table:3\ntable=0,ip actions=goto_table:3").doubt?.kind).toBe(
    "goes-back",
  );
});

test.each([
  ["udp,tp_src=1", "udp", 17n, "tp_src"],
  ["tcp,tp_dst=1", "tcp", 6n, "tp_dst"],
  ["icmp,icmp_type=1", "icmp", 1n, "icmp_type"],
  ["icmp,icmp_code=1", "icmp", 1n, "icmp_code"],
  ["icmp6,icmp_type=1", "icmp6", 58n, "icmpv6_type"],
  ["icmp6,icmp_code=1", "icmp6", 58n, "icmpv6_code"],
] as const)(
  "no fragment meets %s, and each meets the same with 0",
  (match, layer, proto, field) => {
    const sentWhere = (wanted: string, fragment: bigint) => {
      const { flows } = readFlows({ name: "flows", text: `${wanted} actions=output:2` });
      const fields: PacketFields = new Map([
        ["dl_type", layer === "icmp6" ? 0x86ddn : 0x0800n],
        ["nw_proto", proto],
        ["nw_frag", fragment],
        [field, 1n],
      ]);
      return evaluate(tablesOf(flows), fields, { inPort: 1 }).outputs.length;
    };
    const zero = match.replace(/=1$/, "=0");
    expect([sentWhere(match, 0n), sentWhere(zero, 0n)]).toEqual([1, 0]);
    expect([sentWhere(match, 1n), sentWhere(zero, 1n)]).toEqual([0, 1]);
  },
);

test("a conjunctive match of which a part cannot be read is a doubt", () => {
  const text = (first: string) => `priority=5,ip${first} actions=conjunction(1,1/2)
priority=5,tcp actions=conjunction(1,2/2)
priority=5,conj_id=1,ip actions=output:2
priority=1 actions=output:3`;
  expect(portsOf(text(""))).toEqual([2]);
  expect(run(text(",ct_state=+trk")).doubt?.kind).toBe("unknown-match");
});

const write2 = "write_actions(output:2)";

test.each([
  ["a note and a queue lead nowhere", ["note:00.01,set_queue:1,output:2,pop_queue"], [2]],
  ["a controller gets its copy, and the packet goes on", ["controller,output:2"], [0xfffd, 2]],
  ["an action set is carried out last", [`${write2},goto_table:1`, "output:3"], [3, 2]],
  ["the output written last counts", [`${write2},goto_table:1`, "write_actions(LOCAL)"], [0xfffe]],
  ["a controller can be it", ["write_actions(output:2,CONTROLLER:65535)"], [0xfffd]],
  ["a drop does not keep it back", [`${write2},goto_table:1`, "drop"], [2]],
  ["nor does a miss", [`${write2},goto_table:1`], [2]],
  ["what is cleared is gone", [`${write2},goto_table:1`, "clear_actions"], []],
  ["what a resubmit wrote stays", ["resubmit(,1),output:3", write2], [3, 2]],
  ["until it is cleared behind it", ["resubmit(,1),clear_actions", write2], []],
  ["without an output nothing is done", ["write_actions(set_field:1->reg0)"], []],
  ["an output to where it came from is none", ["write_actions(output:1)"], []],
  ["but IN_PORT is one", ["write_actions(IN_PORT)"], [1]],
] as const)("%s: %j", (_, lists, sent) => {
  const text = lists.map((actions, table) => `table=${table},ip actions=${actions}`).join("\n");
  expect(run(text).doubt).toBeUndefined();
  expect(portsOf(text)).toEqual(sent);
});

test("an action set rewrites all it says, in the order written, before it sends", () => {
  const set = (host: number) => `set_field:10.0.0.${host}->ip_dst`;
  const { outputs } = run(`ip actions=output:3,write_actions(${set(9)},output:2,${set(7)})`);
  expect(outputs.map((one) => one.fields.get("nw_dst"))).toEqual([0x0a000001n, 0x0a000007n]);
});

test("goto_table leads forward, and resubmit not round and round", () => {
  expect(run("table=2,ip actions=goto_table:1\ntable=0,ip actions=goto_table:2").doubt?.kind).toBe(
    "goes-back",
  );
  const around = run("ip actions=output:3,resubmit(,0)");
  expect([around.doubt, around.outputs, around.givenUpAt?.table]).toEqual([undefined, [], 0]);
});
