import { expect, test } from "vitest";
import { readField, wordOf } from "../../../src/datapath/unwildcard/flow-words.js";
import { type ClassWords, noWords } from "../../../src/verify/cost/class-words.js";
import type { PacketClass } from "../../../src/verify/cost/packet-class.js";
import { settle } from "../../../src/verify/cost/settle-class.js";
import { maskOf, packetsWith } from "../../support/packet-classes.js";

const nothing = noWords();

function behind(matched: ClassWords, touched = matched) {
  return { matched, touched, words: [...touched.keys()].filter((word) => touched[word] !== 0) };
}

function looking(from: PacketClass, ...masks: ClassWords[]): PacketClass {
  const looked = from.looked.map((bits, word) =>
    masks.reduce((sum, mask) => sum | (mask[word] as number), bits),
  );
  return { ...from, looked };
}

test("what nobody looks at any more is done, and counted", () => {
  const from = looking(packetsWith({}), maskOf("dl_src", 0xfn), maskOf("tp_dst", 0x3n));
  const { rest, done, times } = settle(from, behind(maskOf("tp_dst")));
  expect(times).toEqual({ values: 16, isExact: true });
  expect(readField(done, "dl_src")).toBe(0xfn);
  expect(readField(rest.looked, "tp_dst")).toBe(0x3n);
  expect(readField(rest.looked, "dl_src")).toBe(0n);
});

test("bits with one value are done, but where a trie looks further by them", () => {
  const from = looking(
    packetsWith({ tp_dst: 80n, nw_dst: 1n }),
    maskOf("tp_dst"),
    maskOf("nw_dst"),
  );
  const both = maskOf("tp_dst").map((bits, word) => bits | (maskOf("nw_dst")[word] as number));
  const { rest } = settle(from, behind(both));
  expect(readField(rest.looked, "tp_dst")).toBe(0n);
  expect(readField(rest.looked, "nw_dst")).toBe(0xffffffffn);
});

test("what is excluded under bits that are done is taken off, and in part it makes a bound", () => {
  const from = looking(packetsWith({}), maskOf("tp_dst"));
  const excluded = (masks: number) => ({
    ...from,
    exclusions: [{ words: [wordOf.ports], masks: [masks], values: [[1], [2]] }],
  });
  expect(settle(excluded(0xffff), behind(nothing)).times).toEqual({ values: 65534, isExact: true });
  expect(settle(excluded(0xffff), behind(maskOf("tp_dst", 0xffn))).times.isExact).toBe(false);
});

test("a class that is a bound makes what is done one", () =>
  expect(settle({ ...packetsWith({}), isRough: true }, behind(nothing)).times.isExact).toBe(false));
