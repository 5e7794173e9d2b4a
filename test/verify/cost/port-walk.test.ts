/** The last stage of a subtable with ports: which port meets which rule, and how few bits tell that none is met. */

import { expect, test } from "vitest";
import { classifyTables } from "../../../src/datapath/unwildcard/classified-tables.js";
import type { Classifier } from "../../../src/datapath/unwildcard/classifier.js";
import { wordOf } from "../../../src/datapath/unwildcard/flow-words.js";
import type { Rule, Subtable } from "../../../src/datapath/unwildcard/subtable.js";
import { readFlows } from "../../../src/openflow/read.js";
import { walkPorts } from "../../../src/verify/cost/port-walk.js";
import { packetsWith } from "../../support/packet-classes.js";

function ends(from: Parameters<typeof packetsWith>[0], withRules: boolean, ...ports: number[]) {
  const text = ports.map((port, at) => `priority=${at + 1},tcp,tp_dst=${port} actions=output:1`);
  const { flows } = readFlows({ name: "flows", text: text.join("\n") });
  const [subtable] = (classifyTables(flows).byNumber.get(0) as Classifier).subtables as [Subtable];
  const found = { misses: [] as [number, number][], hits: [] as number[] };
  walkPorts(
    subtable,
    packetsWith({ dl_type: 0x0800n, nw_proto: 6n, nw_frag: 0n, ...from }),
    withRules ? subtable.rules : ([] as Rule[]),
    ({ value }, bits) => found.misses.push([value[wordOf.ports] as number, bits]),
    ({ value }) => found.hits.push(value[wordOf.ports] as number),
  );
  return found;
}

test("each port of a rule is met, and each first wrong bit is a miss of its own", () => {
  const { hits, misses } = ends({}, true, 80);
  expect(hits).toEqual([80]);
  expect(misses).toHaveLength(16);
  // one bit more each, all different from 80 in the last
  expect(misses.map(([, bits]) => bits).sort((a, b) => a - b)[0]).toBe(0x8000);
  for (const [value, bits] of misses) expect(value).not.toBe(80 & bits);
});

test("ports whose rules match something else are missed where they would end", () => {
  const { hits, misses } = ends({}, false, 80);
  expect(hits).toEqual([]);
  expect(misses).toContainEqual([80, 0xffff]);
});

test("a port that is known has one end", () => {
  expect(ends({ tp_dst: 80n }, true, 80, 443)).toEqual({ hits: [80], misses: [] });
  const { hits, misses } = ends({ tp_dst: 81n }, true, 80, 443);
  expect([hits.length, misses.length]).toEqual([0, 1]);
});
