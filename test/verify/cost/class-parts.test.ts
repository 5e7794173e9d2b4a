import { expect, test } from "vitest";
import { readField, wordOf } from "../../../src/datapath/unwildcard/flow-words.js";
import { joinedParts, partsAt } from "../../../src/verify/cost/class-parts.js";
import type { PacketClass } from "../../../src/verify/cost/packet-class.js";
import { maskOf, packetsWith } from "../../support/packet-classes.js";

const from: PacketClass = {
  ...packetsWith({ reg0: 7n, dl_src: 5n }),
  exclusions: [
    { words: [wordOf.ipv4Destination], masks: [0xff], values: [[3]] },
    { words: [wordOf.ports], masks: [0xff], values: [[80]] },
  ],
};

test("what a walk may look at is inside, all else outside, and together they are the whole", () => {
  const { inside, outside, words } = partsAt(from, maskOf("dl_src"));
  expect(readField(inside.value, "dl_src")).toBe(5n);
  expect(readField(inside.known, "reg0")).toBe(0n);
  expect(readField(outside?.value ?? inside.value, "reg0")).toBe(7n);
  expect([inside.exclusions.length, outside?.exclusions.length]).toEqual([0, 2]);
  expect(words).toEqual([20, 21]);
  expect(joinedParts(inside, outside)).toEqual(from);
});

test("bits that are excluded together stay together", () => {
  const { inside } = partsAt(from, maskOf("nw_dst", 0x0fn));
  expect(inside.exclusions).toEqual([from.exclusions[0]]);
  const chained = {
    ...from,
    exclusions: [
      ...from.exclusions,
      { words: [wordOf.ipv4Destination, wordOf.ports], masks: [0xf0, 0x0f], values: [[0, 1]] },
    ],
  };
  expect(partsAt(chained, maskOf("nw_dst", 0x0fn)).inside.exclusions).toHaveLength(3);
});

test("where nothing is known of anything else there is no outside", () => {
  const { inside, outside } = partsAt(packetsWith({ dl_src: 5n }), maskOf("dl_src"));
  expect(outside).toBeUndefined();
  expect(joinedParts(inside, outside)).toBe(inside);
});
