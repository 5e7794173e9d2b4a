/** A lookup of many packets at once, against the lookup of each one of them. */

import { expect, test } from "vitest";
import { classifyTables } from "../../../src/datapath/unwildcard/classified-tables.js";
import type { Classifier } from "../../../src/datapath/unwildcard/classifier.js";
import {
  addField,
  type Words,
  wordCount,
  wordOf,
} from "../../../src/datapath/unwildcard/flow-words.js";
import { lookUp } from "../../../src/datapath/unwildcard/look-up.js";
import type { Rule } from "../../../src/datapath/unwildcard/subtable.js";
import type { FieldName } from "../../../src/openflow/field.js";
import { readFlows } from "../../../src/openflow/read.js";
import { lookUpClass } from "../../../src/verify/cost/class-lookup.js";
import type { PacketClass } from "../../../src/verify/cost/packet-class.js";
import { holds, packetsWith } from "../../support/packet-classes.js";
import { Random } from "../../support/random.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20270);
const matches = [
  "nw_dst=10.0.0.0/30",
  "nw_dst=10.0.0.1",
  "nw_dst=10.0.0.4/31",
  "nw_dst=0.0.0.2/0.0.0.2",
  "tp_dst=80",
  "tp_dst=80/0xfffc",
  "tp_dst=82/0xfffe",
  "nw_src=10.0.0.1",
  "dl_dst=02:00:00:00:00:01",
  "dl_dst=02:00:00:00:00:00/fe:00:00:00:00:02",
];

function packet(fields: { readonly [Name in FieldName]?: bigint }): Words {
  const words = new Int32Array(wordCount);
  for (const [name, value] of Object.entries(fields)) addField(words, name as FieldName, value);
  return words;
}

/** All that the tables can tell apart, and some beside. */
function* packets(fixed: { readonly [Name in FieldName]?: bigint }): Generator<Words> {
  for (let destination = 0n; destination < 8n; destination++)
    for (const source of [0x0a000001n, 0x0a000002n])
      for (const port of [79n, 80n, 81n, 82n, 83n, 84n])
        for (const mac of [0n, 1n, 2n])
          yield packet({
            ...fixed,
            nw_dst: 0x0a000000n | destination,
            nw_src: source,
            tp_dst: port,
            dl_dst: 0x020000000000n | mac,
          });
}

function waysOf(classifier: Classifier, from: PacketClass): [PacketClass, Rule | undefined][] {
  const ways: [PacketClass, Rule | undefined][] = [];
  lookUpClass(classifier, from, (left, rule) => ways.push([left, rule]));
  return ways;
}

test(`each packet goes one way, to its own rule, with its own mask (seed ${seed})`, () => {
  const random = new Random(seed);
  const fixed = { dl_type: 0x0800n, nw_proto: 6n, nw_frag: 0n };
  const masks = new Set<string>();
  const all = [...packets(fixed)];
  for (let run = 0; run < 8; run++) {
    const lines = Array.from({ length: 2 + random.below(5) }, (_, at) => {
      const parts = [random.pick(matches), ...(random.chance(0.4) ? [random.pick(matches)] : [])];
      const fields = new Map(parts.map((part) => [part.split("=")[0], part]));
      return `priority=${50 - at},tcp,${[...fields.values()].join(",")} actions=output:${at + 1}`;
    });
    const { flows } = readFlows({ name: "flows", text: lines.join("\n") });
    const classifier = classifyTables(flows).byNumber.get(0) as Classifier;
    const ways = waysOf(classifier, packetsWith(fixed));
    const wrong = all.filter((one) => {
      const own = ways.filter(([left]) => holds(left, one));
      const looked = new Int32Array(wordCount);
      const { rule } = lookUp(classifier, one, looked);
      masks.add(looked.join());
      const [way] = own;
      return own.length !== 1 || way?.[1] !== rule || way?.[0].looked.join() !== looked.join();
    });
    expect(wrong, lines.join("\n")).toEqual([]);
  }
  expect(masks.size).toBeGreaterThan(15);
});

test(`where the order of subtables tells, no way is called sure (seed ${seed})`, () => {
  const random = new Random(seed);
  const fixed = { dl_type: 0x0800n, nw_proto: 6n, nw_frag: 0n };
  const all = [...packets(fixed)];
  const seen = { tied: 0, sure: 0 };
  for (let run = 0; run < 12; run++) {
    const lines = Array.from({ length: 2 + random.below(4) }, (_, at) => {
      const parts = [random.pick(matches), ...(random.chance(0.4) ? [random.pick(matches)] : [])];
      const fields = new Map(parts.map((part) => [part.split("=")[0], part]));
      return `priority=${random.pick([50, 50, 49])},tcp,${[...fields.values()].join(",")} actions=output:${at + 1}`;
    });
    const { flows } = readFlows({ name: "flows", text: lines.join("\n") });
    const classifier = classifyTables(flows).byNumber.get(0) as Classifier;
    const ways = waysOf(classifier, packetsWith(fixed));
    const wrong = all.filter((one) => {
      const looked = new Int32Array(wordCount);
      const { tied } = lookUp(classifier, one, looked);
      const own = ways.filter(([left]) => holds(left, one));
      const isSure = own.every(([left]) => !left.isRough);
      if (tied) seen.tied++;
      else if (isSure) seen.sure++;
      return own.length === 0 || (isSure && (tied || own[0]?.[0].looked.join() !== looked.join()));
    });
    expect(wrong, lines.join("\n")).toEqual([]);
  }
  expect(Math.min(seen.tied, seen.sure)).toBeGreaterThan(100);
});

test("a trie that ends with the last bit that was looked at excludes, and no other trie is asked", () => {
  const { flows } = readFlows({
    name: "flows",
    text: `priority=3,tcp,nw_dst=10.0.0.4/31,tp_dst=80 actions=output:1
priority=2,tcp,nw_dst=10.0.0.0/30,nw_src=10.0.0.1 actions=output:2`,
  });
  const classifier = classifyTables(flows).byNumber.get(0) as Classifier;
  const from = packetsWith({ dl_type: 0x0800n, nw_proto: 6n, nw_frag: 0n });
  const one = packet({
    ...{ dl_type: 0x0800n, nw_proto: 6n, nw_frag: 0n },
    ...{ nw_dst: 0x0a000004n, nw_src: 0x0a000001n, tp_dst: 79n },
  });
  const own = waysOf(classifier, from).filter(([left]) => holds(left, one));
  expect(own.map(([left]) => left.looked[wordOf.ipv4Source])).toEqual([0]);
});

test("what is known already parts no packets", () => {
  const { flows } = readFlows({ name: "flows", text: "tcp,tp_dst=80 actions=output:1" });
  const classifier = classifyTables(flows).byNumber.get(0) as Classifier;
  const from = packetsWith({ dl_type: 0x0800n, nw_proto: 6n, nw_frag: 0n, tp_dst: 80n });
  expect(waysOf(classifier, from).map(([, rule]) => rule?.index)).toEqual([0]);
});
