import { expect, test } from "vitest";
import { readField, wordOf } from "../../../src/datapath/unwildcard/flow-words.js";
import type { Flow } from "../../../src/openflow/flow.js";
import { readFlow } from "../../../src/openflow/read.js";
import { applyActions } from "../../../src/verify/cost/class-actions.js";
import { packetsWith } from "../../support/packet-classes.js";

const actionsOf = (text: string) => (readFlow(`actions=${text}`) as Flow).actions;
const ipv4 = packetsWith({ dl_type: 0x0800n, nw_frag: 0n });

test("what is set is known, was looked at before, and says nothing of the packet as it came", () => {
  const { after, next } = applyActions(
    ipv4,
    actionsOf("set_field:02:00:00:00:00:01->eth_dst,goto_table:7"),
  );
  expect(next).toBe(7);
  expect(readField(after.value, "dl_dst")).toBe(0x020000000001n);
  expect(readField(after.looked, "dl_dst")).toBe(0xffffffffffffn);
  expect(readField(after.written, "dl_dst")).toBe(0xffffffffffffn);
  expect(readField(after.fixed, "dl_dst")).toBe(0n);
});

test("registers are set without a trace", () => {
  const { after } = applyActions(ipv4, actionsOf("set_field:5->reg1,output:1"));
  expect(readField(after.value, "reg1")).toBe(5n);
  expect(after.looked).toEqual(ipv4.looked);
  expect(after.isRough).toBe(false);
});

test("a move carries what is known, and no more", () => {
  const from = packetsWith({ dl_type: 0x0800n, nw_frag: 0n, reg1: 9n });
  const known = applyActions(from, actionsOf("move:NXM_NX_REG1[]->NXM_NX_REG2[]")).after;
  expect([readField(known.known, "reg2"), readField(known.value, "reg2")]).toEqual([
    0xffffffffn,
    9n,
  ]);
  const unknown = applyActions(ipv4, actionsOf("move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]")).after;
  expect(readField(unknown.known, "dl_dst")).toBe(0n);
  expect(readField(unknown.looked, "dl_src")).toBe(0xffffffffffffn);
});

test("a field that a packet perhaps lacks makes a bound of the count", () => {
  const change = actionsOf("set_field:fd00::1->nd_target");
  const isRough = (fields: Parameters<typeof packetsWith>[0]) =>
    applyActions(packetsWith({ dl_type: 0x86ddn, nw_frag: 0n, ...fields }), change).after.isRough;
  const message = { nw_proto: 58n, icmpv6_code: 0n };
  expect(isRough({ ...message, icmpv6_type: 135n })).toBe(false);
  expect(isRough({ ...message, icmpv6_type: 128n })).toBe(true);
  expect(isRough(message)).toBe(true);
  expect(isRough({})).toBe(true);
});

test("to set an address is to look at the protocol", () => {
  const { after } = applyActions(ipv4, actionsOf("set_field:10.0.0.1->ip_dst"));
  expect((after.looked[wordOf.internet] as number) & 0xff).toBe(0xff);
});

test("without goto_table nothing follows", () =>
  expect(applyActions(ipv4, actionsOf("output:1")).next).toBeUndefined());
