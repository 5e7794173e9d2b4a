/** What was seen of a node comes back from its recording as it was. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { Recorder } from "../../../src/switch/doctor/recorder.js";
import { type Entry, printEntries, readEntries } from "../../../src/switch/doctor/recording.js";
import {
  findingsOf,
  HidingSource,
  recordedNodes,
  recordingText,
  sourceOf,
} from "../../support/recorded-node.js";

const seed = 20_261_123;

const name = fc.stringMatching(/^[A-Za-z0-9:._@-]{1,12}$/);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
const command = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .map((words) => `$ ${words.join(" ")}`);
const line = fc.string({ unit: "binary" });
const bytes = fc.uint8Array({ maxLength: 80 });
const ofFile: fc.Arbitrary<Entry> = fc.oneof(
  fc.array(name).map((names) => ({ kind: "folder" as const, names })),
  path.map((target) => ({ kind: "link" as const, target })),
  line.map((text) => ({ kind: "text" as const, text })),
  fc.array(line).map((lines) => ({ kind: "lines" as const, lines })),
  bytes.map((found) => ({ kind: "bytes" as const, bytes: new Uint8Array(found) })),
);
const ofCommand: fc.Arbitrary<Entry> = fc
  .array(line)
  .map((lines) => ({ kind: "lines" as const, lines }));
const entries = fc
  .tuple(fc.dictionary(path, ofFile), fc.dictionary(command, ofCommand))
  .map(([files, commands]) => new Map(Object.entries({ ...files, ...commands })));

test(`any entries survive being printed and read (seed ${seed})`, () => {
  const law = fc.property(entries, (written) => {
    const read = readEntries(printEntries("/run/ovs", written));
    expect(read?.runDirectory).toBe("/run/ovs");
    expect(new Map(read?.entries)).toEqual(written);
  });
  fc.assert(law, { seed, numRuns: 300 });
});

test(`obstacles survive, with their words (seed ${seed})`, () => {
  const law = fc.property(path, fc.option(line, { nil: undefined }), (what, words) => {
    const obstacle = {
      kind: "permission" as const,
      what,
      ...(words === undefined ? {} : { words }),
    };
    const written = new Map<string, Entry>([[what, { kind: "obstacle", obstacle }]]);
    expect(new Map(readEntries(printEntries("/run/ovs", written))?.entries)).toEqual(written);
  });
  fc.assert(law, { seed, numRuns: 200 });
});

test(`any text is read without an error (seed ${seed})`, () => {
  const head = "railfence node recording 1\nrun-directory /run\n";
  const law = fc.property(fc.array(fc.oneof(line, fc.stringMatching(/^[/$ ][ -~]*$/))), (lines) => {
    expect(readEntries(head + lines.join("\n"))).toBeDefined();
  });
  fc.assert(law, { seed, numRuns: 500 });
});

test("text that is no recording is refused", () => {
  expect(readEntries("")).toBeUndefined();
  expect(readEntries("railfence node recording 2\nrun-directory /run\n")).toBeUndefined();
});

test.each(recordedNodes)(
  "a recording of the recording of %s gives the same findings",
  async (node) => {
    // hidden parts are recorded as hidden
    for (const pattern of [/^$/, /permission|proc|tc /, /devlink|sys.class/]) {
      const source = new HidingSource(sourceOf(recordingText(node)), (what) => pattern.test(what));
      const recorder = new Recorder(source);
      const seen = await findingsOf(recorder, node);
      expect(await findingsOf(sourceOf(recorder.print()), node)).toEqual(seen);
    }
  },
);
