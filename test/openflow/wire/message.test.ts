/** OpenFlow messages cut out of a stream, however it arrives. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageSplitter, writeMessage } from "../../../src/openflow/wire/message.js";
import { WireWriter } from "../../../src/openflow/wire/writer.js";

const seed = 20272;

test(`the same messages come out, wherever the stream is cut (seed ${seed})`, () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 8 });
  const cuts = fc.array(fc.nat(600), { maxLength: 12 });
  fc.assert(
    fc.property(bodies, cuts, (sent, places) => {
      const writer = new WireWriter();
      for (const [xid, body] of sent.entries())
        writeMessage(writer, 3, xid, () => {
          for (const byte of body) writer.number(byte, 1);
          return true;
        });
      const stream = writer.take();
      const splitter = new MessageSplitter();
      const edges = [0, ...places.sort((a, b) => a - b), stream.length];
      const read = edges
        .slice(1)
        .flatMap((end, index) => splitter.push(stream.slice(edges[index], end)));
      expect(read).toEqual(sent.map((body, xid) => ({ version: 5, type: 3, xid, body })));
    }),
    { seed, numRuns: 300 },
  );
});

test("a length that no message has is an error, not an endless wait", () => {
  const bytes = Uint8Array.of(5, 3, 0, 7, 0, 0, 0, 1);
  expect(() => new MessageSplitter().push(bytes)).toThrow("an OpenFlow message of 7 bytes");
});

test("what is longer than a message can be is none", () => {
  const writer = new WireWriter();
  const long = () => {
    writer.zeros(0x10000);
    return true;
  };
  expect(writeMessage(writer, 3, 1, long)).toBe(false);
});
