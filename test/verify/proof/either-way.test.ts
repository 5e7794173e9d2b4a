/** One evaluation for each way that a packet may go where its tables leave that open. */

import { expect, test } from "vitest";
import type { PacketFields } from "../../../src/openflow/packet-fields.js";
import { readFlows } from "../../../src/openflow/read.js";
import { evaluateEitherWay } from "../../../src/verify/proof/either-way.js";

const packet: PacketFields = new Map([["dl_type", 0x0800n]]);

function waysOf(text: string): string[] | undefined {
  const { flows } = readFlows({ name: "flows", text });
  const ways = evaluateEitherWay({ flows, portNumbers: new Map(), packet, inPort: 1 });
  return ways?.map(({ outputs }) => outputs.map(({ port }) => port).join(" ")).sort();
}

test.each([
  ["no doubt", "ip actions=output:2", ["2"]],
  [
    "a match that nobody knows, met or not",
    "priority=2,ip,ct_state=+trk actions=output:2\npriority=1,ip actions=output:3",
    ["2", "3"],
  ],
  [
    "two flows of one priority",
    "priority=2,ip actions=output:2\npriority=2 actions=output:3",
    ["2", "3"],
  ],
  [
    "one after the other",
    "priority=2,ip,ct_state=+trk actions=output:2,resubmit(,1)\npriority=1 actions=resubmit(,1)\ntable=1,ip actions=drop\ntable=1 actions=output:3",
    ["", "2", "2 3", "3"],
  ],
])("%s", (_, text, ways) => {
  expect(waysOf(text)).toEqual(ways);
});

test.each(["dec_ttl", "NORMAL"])("there is none where it ends in %s", (action) => {
  expect(waysOf(`priority=2,ip,ct_state=+trk actions=${action}\npriority=1 actions=drop`)).toBe(
    undefined,
  );
});

test("more than 64 are not looked at", () => {
  const table = (number: number) =>
    `table=${number},ip,ct_state=+trk actions=output:2,resubmit(,${number + 1})\ntable=${number},priority=1 actions=resubmit(,${number + 1})\n`;
  const tables = (count: number) => Array.from({ length: count }, (_, at) => table(at)).join("");
  expect(waysOf(tables(4))).toHaveLength(16);
  expect(waysOf(tables(7))).toBe(undefined);
});
