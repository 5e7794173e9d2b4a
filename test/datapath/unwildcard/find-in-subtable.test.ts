/** One subtable of a lookup: what is found in it, and which bits it took. */

import { expect, test } from "vitest";
import { classifyTables } from "../../../src/datapath/unwildcard/classified-tables.js";
import type { Classifier } from "../../../src/datapath/unwildcard/classifier.js";
import { findIn, nextLower } from "../../../src/datapath/unwildcard/find-in-subtable.js";
import { readField, wordCount, wordsOf } from "../../../src/datapath/unwildcard/flow-words.js";
import type { Subtable } from "../../../src/datapath/unwildcard/subtable.js";
import type { FieldName } from "../../../src/openflow/field.js";
import { readFlow, readFlows } from "../../../src/openflow/read.js";

function classifierOf(...lines: string[]): Classifier {
  const { flows } = readFlows({ name: "flows", text: lines.join("\n") });
  return classifyTables(flows).byNumber.get(0) as Classifier;
}

/** In the first subtable: the flow's place, and the bits looked at. */
function found(classifier: Classifier, packet: string, ...fields: FieldName[]) {
  const match = readFlow(`${packet} actions=drop`)?.match;
  const values = new Map(match?.fields.map(({ field, value }) => [field, value] as const));
  const looked = new Int32Array(wordCount);
  const subtable = classifier.subtables[0] as Subtable;
  const tries = classifier.tries.map(() => undefined);
  const rule = findIn(classifier, subtable, wordsOf(values, 1), 0n, looked, tries);
  return [rule?.index, ...fields.map((field) => readField(looked, field))];
}

test("a hit looks at all of the mask, and at no more", () =>
  expect(
    found(
      classifierOf("dl_src=02:00:00:00:00:01,tcp,tp_dst=80 actions=drop"),
      "dl_src=02:00:00:00:00:01,tcp,tp_dst=80",
      "dl_src",
      "nw_proto",
      "tp_dst",
      "dl_dst",
    ),
  ).toEqual([0, 0xffffffffffffn, 0xffn, 0xffffn, 0n]));

test("a lookup ends in the first stage where no rule agrees, and looks at nothing of the next", () =>
  expect(
    found(
      classifierOf("dl_src=02:00:00:00:00:01,tcp,tp_dst=80 actions=drop"),
      "dl_src=02:00:00:00:00:02,tcp,tp_dst=80",
      "dl_src",
      "nw_proto",
      "tp_dst",
    ),
  ).toEqual([undefined, 0xffffffffffffn, 0n, 0n]));

test("a trie that excludes the subtable leaves its stage out", () =>
  expect(
    found(
      classifierOf("tcp,nw_dst=10.0.0.0/8 actions=drop"),
      "tcp,nw_dst=138.0.0.1",
      "nw_dst",
      "nw_proto",
    ),
  ).toEqual([undefined, 0x80000000n, 0n]));

test("a miss among ports looks at the bits that prove it, and at the rest of the mask", () =>
  expect(
    found(
      classifierOf("tcp,tp_dst=80,tcp_flags=+ack actions=drop"),
      "tcp,tp_dst=32848",
      "nw_proto",
      "tp_dst",
      "tcp_flags",
    ),
  ).toEqual([undefined, 0xffn, 0x8000n, 0x10n]));

test("below a rule stands the next of the same match", () => {
  const { subtables } = classifierOf(
    "priority=5,tcp,tp_dst=80 actions=drop",
    "priority=3,tcp,tp_dst=80 actions=drop",
    "priority=4,tcp,tp_dst=81 actions=drop",
    "priority=1,tcp,tp_dst=80 actions=drop",
  );
  const subtable = subtables[0] as Subtable;
  const [first, second, , last] = subtable.rules;
  expect(first && nextLower(subtable, first)).toBe(second);
  expect(second && nextLower(subtable, second)).toBe(last);
  expect(last && nextLower(subtable, last)).toBe(undefined);
});
