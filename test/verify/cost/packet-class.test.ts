/** What is learned of a class of packets, and how many values are left, computed by hand. */

import { describe, expect, test } from "vitest";
import { wordCount, wordOf } from "../../../src/datapath/unwildcard/flow-words.js";
import { noWords } from "../../../src/verify/cost/class-words.js";
import {
  assume,
  exclude,
  learn,
  look,
  type PacketClass,
} from "../../../src/verify/cost/packet-class.js";
import { valuesOf } from "../../../src/verify/cost/value-count.js";

const word = wordOf.ipv4Destination;

function words(bits = 0) {
  const made = noWords();
  made[word] = bits;
  return made;
}

/** Nothing is known of it. */
const anything: PacketClass = {
  known: words(),
  value: words(),
  looked: words(),
  fixed: words(),
  written: words(),
  exclusions: [],
  isRough: false,
};

const count = ({ looked, fixed, exclusions }: PacketClass) =>
  valuesOf(looked, fixed, exclusions).values;

test("what is learned is known and fixed; what contradicts it is no packet", () => {
  const learned = learn(anything, [word], [0xf0], [0x30]) as PacketClass;
  expect([learned.known[word], learned.value[word], learned.fixed[word]]).toEqual([
    0xf0, 0x30, 0xf0,
  ]);
  expect(count(look(learned, [word], [0xff]))).toBe(16);
  expect(learn(learned, [word], [0xff], [0x3a])?.value[word]).toBe(0x3a);
  expect(learn(learned, [word], [0x80], [0x80])).toBeUndefined();
});

describe("packets that a lookup parts are of different megaflows", () => {
  const isRough = (from: PacketClass, at: number, bits: number) =>
    learn(from, [at], [bits], [0])?.isRough;
  const value = words();
  value[wordOf.etherType] = 0x86dd;
  value[wordOf.internet] = 58;

  test("where the datapath sees what parted them", () => {
    expect(isRough(anything, word, 0xff)).toBe(false);
    expect(isRough({ ...anything, value }, wordOf.ports, 0x00ff00ff)).toBe(false);
  });

  test("and perhaps not where it sees less, or a copy", () => {
    // of an ICMP type and code OVS compares 16 bits, of which the upper 8 are none
    expect(isRough({ ...anything, value }, wordOf.ports, 0xffff)).toBe(true);
    expect(isRough(anything, wordCount - 1, 1)).toBe(true);
    expect(isRough({ ...anything, written: words(0xf0) }, word, 0xff)).toBe(true);
  });

  test("what was known before parts nothing", () => {
    const known = { ...anything, known: words(0xff), written: words(0xf0) };
    expect(isRough(known, word, 0xff)).toBe(false);
  });

  test("nor does what follows from what is known", () =>
    expect(assume(anything, [wordCount - 1], [1], [0])?.isRough).toBe(false));
});

test("of what an action wrote, nothing is learned about the packet as it came", () => {
  const written = { ...anything, written: words(0xff) };
  expect(learn(written, [word], [0xff], [7])?.fixed[word]).toBe(0);
});

describe("what is excluded", () => {
  test("few values left are a class each", () => {
    const left = exclude(anything, [word], [3], [[0]]);
    expect(left.map(({ value }) => value[word]).sort()).toEqual([1, 2, 3]);
  });

  test("many are one class that counts without them, also when more are excluded", () => {
    const [once, ...none] = exclude(anything, [word], [0xff], [[1], [2]]);
    expect(none).toEqual([]);
    const [twice] = exclude(once as PacketClass, [word], [0xff], [[2], [3]]);
    expect(count(look(once as PacketClass, [word], [0xff]))).toBe(254);
    expect(count(look(twice as PacketClass, [word], [0xff]))).toBe(253);
  });

  test("a class that is known to be of the values is none", () => {
    const learned = learn(anything, [word], [0xff], [5]) as PacketClass;
    expect(exclude(learned, [word], [0xff], [[5]])).toEqual([]);
  });
});
