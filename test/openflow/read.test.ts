/** Flows in every form that ovs-ofctl prints them, and texts that are none. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { printFlow } from "../../src/openflow/print.js";
import { readFlow, readFlows } from "../../src/openflow/read.js";
import { arbitraryFlow } from "./arbitrary-flow.js";

const seed = 20263;

test(`no text makes the reader throw, and all places are inside it (seed ${seed})`, () => {
  const word = fc.oneof(
    fc.constantFrom(
      "actions=",
      "cookie=",
      "priority=",
      ",",
      " ",
      "\n",
      "\r\n",
      "(",
      ")",
      '"',
      "->",
    ),
    fc.constantFrom("set_field:", "load:", "NXM_NX_REG0[", "0x", "ip", "nw_dst=", "/", "resubmit("),
    fc.constantFrom("vlan_tci=", "tcp_flags=", "+ack", "dl_vlan=5", "OFPT_FLOW_MOD (OF1.4): ADD "),
    fc.string({ unit: "grapheme", maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (words) => {
      const text = words.join("");
      const { flows, problems } = readFlows({ name: "any", text });
      for (const { span } of [
        ...flows.flatMap(({ parts }) => parts.map(({ key }) => ({ span: key }))),
        ...problems,
      ])
        expect(0 <= span.start && span.start <= span.end && span.end <= text.length).toBe(true);
      for (const flow of flows) expect(flow.statistics.flags).toBeDefined();
    }),
    { seed, numRuns: 3000 },
  );
});

test(`a line with one character changed reads as another flow or as not understood (seed ${seed})`, () => {
  const broken = fc.tuple(arbitraryFlow, fc.nat(), fc.constantFrom("z", "!", "#", "%"));
  fc.assert(
    fc.property(broken, ([flow, at, letter]) => {
      const text = printFlow(flow);
      const place = at % text.length;
      if (" ,".includes(text.charAt(place))) return;
      const read = readFlow(`${text.slice(0, place)}${letter}${text.slice(place + 1)}`);
      expect(read === undefined || !read.understood || printFlow(read) !== text).toBe(true);
    }),
    { seed, numRuns: 3000 },
  );
});

test.each([
  ["priority=4294967296,ip actions=drop", "priority=4294967296"],
  ["table=300,ip actions=drop", "table=300"],
  ["cookie=0x1ffffffffffffffff,ip actions=drop", "cookie=0x1ffffffffffffffff"],
  ["priority=5,in_port=ANY actions=drop", "in_port=ANY"],
  ["priority=5,tcp,tp_dst=80/70000 actions=drop", "tp_dst=80/70000"],
  ["priority=5,arp,arp_op=300 actions=drop", "arp_op=300"],
])("%s is kept and not understood", (text, unknown) => {
  const flow = readFlow(text);
  expect(flow?.understood).toBe(false);
  expect(flow?.match.unknown).toEqual([unknown]);
});

test.each([
  "goto_table:3,output:1",
  "output:reg0",
  "output(port=1,max_len=64)",
  "set_field:5->tcp_dst",
  "set_field:0x800->eth_type",
  "load:0x10->NXM_NX_REG0[0..3]",
  "move:NXM_NX_REG0[0..3]->NXM_NX_REG1[0..3]",
  "dec_ttl",
  "NORMAL",
  "resubmit(,4,ct)",
  "controller(userdata=01.02,pause)",
  "controller(max_len=64,meter_id=1)",
  "note:0",
  "set_queue:",
  "write_actions(output:1,dec_ttl)",
  "write_actions(group:1)",
  "write_actions(output:reg0)",
  "write_actions(resubmit(,1))",
  "write_actions(note:00)",
  "write_actions(output:1",
])("the action %s is kept and not understood", (text) => {
  const flow = readFlow(`priority=5,ip actions=${text}`);
  expect(flow?.understood).toBe(false);
  expect(printFlow(flow as NonNullable<typeof flow>)).toContain(`actions=${text}`);
});

test.each([
  "note:00.01.02.0a.00.00",
  "set_queue:70000",
  "pop_queue",
  "CONTROLLER:65535",
  "controller(reason=no_match,max_len=64,id=5)",
  "controller(userdata=01.02)",
  "clear_actions,write_actions(set_field:0x1->reg0,set_queue:1,CONTROLLER:100),goto_table:9",
  "output:1,write_actions(move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],IN_PORT)",
])("the action %s is understood, and prints as it was", (text) => {
  const flow = readFlow(`priority=5,ip actions=${text}`);
  expect(flow?.understood).toBe(true);
  expect(printFlow(flow as NonNullable<typeof flow>)).toContain(`actions=${text}`);
});

test("the parts of a tag come together, whatever their order", () => {
  expect(readFlow("dl_vlan_pcp=3,dl_vlan=5 actions=drop")?.match.fields).toEqual([
    { field: "vlan_tci", value: 0x7005n, mask: 0xffffn },
  ]);
});
