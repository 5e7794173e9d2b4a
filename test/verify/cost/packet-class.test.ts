/** What is learned of a class of packets, and how many values are left, computed by hand. */

import { describe, expect, test } from "vitest";
import { wordCount, wordOf } from "../../../src/datapath/unwildcard/flow-words.js";
import {
  exclude,
  learn,
  look,
  type PacketClass,
  popcount,
  valuesOf,
} from "../../../src/verify/cost/packet-class.js";

const word = wordOf.ipv4Destination;

function words(bits = 0) {
  const made = new Int32Array(wordCount);
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
};

const count = ({ looked, fixed, exclusions }: PacketClass) => valuesOf(looked, fixed, exclusions);

test.each([
  [0, 0],
  [1, 1],
  [-1, 32],
  [0x0f0f_0f0f, 16],
])("%i has %i ones", (bits, ones) => expect(popcount(bits)).toBe(ones));

describe("values that are left", () => {
  test("two for each bit that was looked at and is not fixed", () => {
    expect(count(anything)).toBe(1);
    expect(valuesOf(words(0xff), words(), [])).toBe(256);
    expect(valuesOf(words(0xff), words(0xf0), [])).toBe(16);
  });

  test("but for those that are excluded, if all of their bits were looked at", () => {
    const three = { words: [word], masks: [0xff], values: [[1], [2], [3]] };
    expect(valuesOf(words(0xff), words(), [three])).toBe(253);
    expect(valuesOf(words(0xffff), words(), [three])).toBe(253 * 256);
    expect(valuesOf(words(0x0f), words(), [three])).toBe(16);
  });
});

test("what is learned is known and fixed; what contradicts it is no packet", () => {
  const learned = learn(anything, [word], [0xf0], [0x30]) as PacketClass;
  expect([learned.known[word], learned.value[word], learned.fixed[word]]).toEqual([
    0xf0, 0x30, 0xf0,
  ]);
  expect(count(look(learned, [word], [0xff]))).toBe(16);
  expect(learn(learned, [word], [0xff], [0x3a])?.value[word]).toBe(0x3a);
  expect(learn(learned, [word], [0x80], [0x80])).toBeUndefined();
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
