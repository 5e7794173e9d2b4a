import { expect, test } from "vitest";
import { wordOf } from "../../../src/datapath/unwildcard/flow-words.js";
import { keyOfClass, keyOfKnown } from "../../../src/verify/cost/class-key.js";
import type { PacketClass } from "../../../src/verify/cost/packet-class.js";
import { maskOf, packetsWith } from "../../support/packet-classes.js";

type Fields = Parameters<typeof packetsWith>[0];

test("classes that differ in those words have keys of their own, and in nothing else", () => {
  const key = (fields: Fields) => keyOfClass(3, packetsWith(fields), [wordOf.ports]);
  expect(key({ tp_dst: 80n, dl_src: 1n })).toBe(key({ tp_dst: 80n, dl_src: 2n }));
  expect(key({ tp_dst: 80n })).not.toBe(key({ tp_dst: 81n }));
  expect(key({ tp_dst: 80n })).not.toBe(key({}));
  expect(key({})).not.toBe(keyOfClass(4, packetsWith({}), [wordOf.ports]));
});

test("what was looked at, what is fixed and what was written tell classes apart", () => {
  const known = packetsWith({ tp_dst: 80n });
  const keys = [
    known,
    { ...known, looked: maskOf("tp_dst") },
    { ...known, written: maskOf("tp_dst") },
    { ...known, fixed: maskOf("tp_src") },
  ].map((one) => keyOfClass(1, one, [wordOf.ports]));
  expect(new Set(keys).size).toBe(4);
});

test("the same bits in another word are another class", () => {
  const words = [wordOf.ipv4Source, wordOf.ipv4Destination];
  const key = (fields: Fields) => keyOfClass(1, packetsWith(fields), words);
  expect(key({ nw_src: 7n })).not.toBe(key({ nw_dst: 7n }));
});

test("the order of exclusions means nothing", () => {
  const one = { words: [wordOf.ports], masks: [0xff], values: [[1], [2]] };
  const other = { words: [wordOf.ports], masks: [0xff00], values: [[0x100]] };
  const key = (...exclusions: PacketClass["exclusions"]) =>
    keyOfClass(1, { ...packetsWith({}), exclusions }, [wordOf.ports]);
  expect(key(one, other)).toBe(key(other, { ...one, values: [[2], [1]] }));
  expect(key(one)).not.toBe(key(other));
  expect(key(one)).not.toBe(key({ ...one, values: [[1]] }, { ...one, values: [[2]] }));
});

test("of what is known, bits outside the mask are nobody's business", () => {
  const key = (fields: Fields) => {
    const { known, value } = packetsWith(fields);
    return keyOfKnown(known, value, maskOf("reg0", 0xffn), [0]);
  };
  expect(key({ reg0: 0x107n })).toBe(key({ reg0: 0x207n }));
  expect(key({ reg0: 7n })).not.toBe(key({ reg0: 8n }));
  expect(key({ reg0: 0n })).not.toBe(key({}));
});
