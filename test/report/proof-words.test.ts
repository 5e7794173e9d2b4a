/** Where tables send a packet, and flows that send it, in the names of ports. */

import { expect, test } from "vitest";
import { controllerPort, localPort } from "../../src/openflow/match.js";
import type { PacketFields } from "../../src/openflow/packet-fields.js";
import { readFlows } from "../../src/openflow/read.js";
import { printFlowWithNames } from "../../src/report/named-ports.js";
import { describeSent } from "../../src/report/proof-words.js";

const portNumbers = new Map([
  ["p0", 1],
  ["pf0vf0", 2],
]);
const bridge = "br-pf1";
const packet: PacketFields = new Map([["dl_src", 1n]]);

test.each([
  [[], "drop"],
  [[1], "to p0"],
  [[localPort], "to br-pf1"],
  [[controllerPort], "to CONTROLLER"],
  [[2, controllerPort], "to pf0vf0, and to CONTROLLER"],
  [[7], "to port 7"],
  [["pf0vf9"], "to pf0vf9"],
])("%j is %s", (ports, words) => {
  const outputs = ports.map((port) => ({ port, fields: packet }));
  expect(describeSent(outputs, packet, { bridge, portNumbers })).toBe(words);
});

test("a rewrite is said with the copy that it was made of", () => {
  const fields: PacketFields = new Map([["dl_src", 0x020000000007n]]);
  const outputs = [
    { port: 1, fields },
    { port: 2, fields: packet },
  ];
  expect(describeSent(outputs, packet, { bridge, portNumbers })).toBe(
    "to p0 with dl_src=02:00:00:00:00:07, and to pf0vf0",
  );
});

test.each([
  ["in_port=2 actions=output:1,output:7", "in_port=pf0vf0 actions=output:p0,output:7"],
  ["actions=write_actions(output:2,output:7)", "actions=write_actions(output:pf0vf0,output:7)"],
  ["actions=LOCAL,IN_PORT,CONTROLLER:65535", "actions=LOCAL,IN_PORT,CONTROLLER:65535"],
])("%s is shown as %s", (numbered, named) => {
  const { flows } = readFlows({ name: "flows", text: numbered });
  expect(flows.map((flow) => printFlowWithNames(flow, portNumbers)).join()).toContain(named);
});
