import { expect, test } from "vitest";
import { wordOf } from "../../../src/datapath/unwildcard/flow-words.js";
import { writeOf } from "../../../src/verify/cost/action-words.js";

test("a part of a register is known under its mask alone", () =>
  expect(writeOf({ kind: "set", field: "reg1", value: 0x1234n, mask: 0xff00n })).toEqual({
    words: [1],
    masks: [0xff00],
    values: [0x1200],
    known: [0xff00],
    touched: [0xff00],
    source: undefined,
  }));

test("of an ICMP type a lookup compares all 16 bits that hold it", () => {
  const { words, masks, touched } = writeOf({ kind: "set", field: "icmp_type", value: 8n });
  expect([words, masks, touched]).toEqual([[wordOf.ports], [0x00ff0000], [0xffff0000 | 0]]);
});

test("of what is moved nothing is known but where it came from", () => {
  const { words, known, values, source } = writeOf({ kind: "move", from: "nw_src", to: "reg2" });
  expect([words, known, values]).toEqual([[2], [0], [0]]);
  expect(source).toEqual({ words: [wordOf.ipv4Source], masks: [-1] });
});

test("an action is read once", () => {
  const action = { kind: "set", field: "reg0", value: 1n } as const;
  expect(writeOf(action)).toBe(writeOf(action));
});
