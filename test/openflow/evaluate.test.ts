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

test("goto_table leads forward, and resubmit not round and round", () => {
  expect(run("table=2,ip actions=goto_table:1\ntable=0,ip actions=goto_table:2").doubt?.kind).toBe(
    "goes-back",
  );
  expect(run("ip actions=resubmit(,0)").doubt?.kind).toBe("too-deep");
});
