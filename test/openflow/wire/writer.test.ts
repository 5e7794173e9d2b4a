/** Numbers in network byte order. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { WireWriter } from "../../../src/openflow/wire/writer.js";

const seed = 20273;

const hexadecimal = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test(`bits of any width stand as their hexadecimal digits do (seed ${seed})`, () => {
  const one = fc
    .constantFrom(1, 2, 4, 6, 8, 16)
    .chain((width) =>
      fc.bigInt(0n, (1n << BigInt(8 * width)) - 1n).map((value) => ({ value, width })),
    );
  fc.assert(
    fc.property(fc.array(one, { maxLength: 1_000, size: "max" }), (values) => {
      const writer = new WireWriter();
      for (const { value, width } of values) writer.bits(value, width);
      const digits = values.map(({ value, width }) => value.toString(16).padStart(2 * width, "0"));
      expect(hexadecimal(writer.take())).toBe(digits.join(""));
      expect(writer.length).toBe(0);
    }),
    { seed, numRuns: 50 },
  );
});

test("padding is counted from where its part began, and a length is filled in later", () => {
  const writer = new WireWriter();
  writer.number(0xff, 1);
  const start = writer.length;
  writer.zeros(2);
  writer.number(0xabcd, 2);
  writer.setLength(start, writer.length - start);
  writer.padToEight(start);
  expect(hexadecimal(writer.take())).toBe("ff0004abcd00000000");
});

test("what is cut off is written over", () => {
  const writer = new WireWriter();
  writer.number(1, 2);
  writer.number(0xffffffff, 4);
  writer.truncate(2);
  writer.zeros(3);
  expect(hexadecimal(writer.take())).toBe("0001000000");
});
