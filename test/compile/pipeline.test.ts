import { expect, test } from "vitest";
import { pipelineOf, tableLimit } from "../../src/compile/pipeline.js";

test.each(["routed", "bridged"] as const)(
  "the tables of a %s rail are numbered in order, from the base",
  (mode) => {
    const { tables } = pipelineOf(mode, 7);
    expect(tables.map(({ number }) => number)).toEqual(tables.map((_, index) => index + 7));
    expect(new Set(tables.map(({ name }) => name)).size).toBe(tables.length);
    expect(tables[0]?.name).toBe("classify");
    expect(tables.at(-1)?.name).toBe("forward");
  },
);

test.each(["routed", "bridged"] as const)(
  "a %s rail fits up to OVS's last table, and not one further",
  (mode) => {
    const { length } = pipelineOf(mode, 0).tables;
    const highest = tableLimit - length;
    expect(pipelineOf(mode, highest).forward.number).toBe(253);
    expect(() => pipelineOf(mode, highest + 1)).toThrow(
      new RangeError(
        `a ${mode} rail takes ${length} tables; above ${highest + 1} only ${length - 1} are left`,
      ),
    );
  },
);

test("tables of the other mode have a number that OVS refuses", () => {
  expect(pipelineOf("bridged", 0).arpReply.number).toBe(255);
  expect(pipelineOf("routed", 0).meet.number).toBe(255);
});
