import { expect, test } from "vitest";
import { FlowSink, Names } from "../../src/compile/flow-sink.js";

/** Two labels with one hash, found by search: `valueOf` in names of their own gives both the same value. */
function colliding(): [string, string] {
  const seen = new Map<number, string>();
  for (let index = 0; ; index++) {
    const label = `tenant-${index}`;
    const value = new Names().valueOf(label);
    const other = seen.get(value);
    if (other !== undefined) return [other, label];
    seen.set(value, label);
  }
}

test("labels whose hashes collide never share a value: they would share their rights", () => {
  const [one, other] = colliding();
  expect(new Names().valueOf(one)).toBe(new Names().valueOf(other));
  const names = new Names();
  expect(names.valueOf(one)).not.toBe(names.valueOf(other));
  expect(names.valueOf(one)).toBe(new Names().valueOf(one));
});

test("a label has the same value whoever else is there, and never 0, which means unmarked", () => {
  const names = new Names();
  for (let index = 0; index < 1000; index++) expect(names.valueOf(`other-${index}`)).not.toBe(0);
  expect(names.valueOf("search")).toBe(new Names().valueOf("search"));
});

test("a mark and its match agree", () => {
  const sink = new FlowSink(new Names());
  const mark = sink.mark("service", "udp 4791");
  expect(mark).toMatchObject({ kind: "set", field: "reg1" });
  expect(mark.kind === "set" && Number(mark.value)).toBe(sink.marked({ service: "udp 4791" })[1]);
});

test("each flow's cookie leads back to its reason", () => {
  const sink = new FlowSink(new Names());
  sink.add({ name: "t", number: 7, purpose: "" }, 5, {}, [], "a duty");
  const [flow] = sink.flows;
  expect(flow).toMatchObject({ table: 7, priority: 5, actions: [] });
  expect(sink.names.provenance.get(flow?.cookie ?? 0n)).toEqual({ kind: "fence", duty: "a duty" });
});
