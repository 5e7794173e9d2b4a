import { expect, test } from "vitest";
import { FlowSink, Names } from "../../src/compile/flow-sink.js";
import { evenStrides, lowFirst } from "../../src/compile/strides.js";
import { addExactWalk, addWalk, type Step, withoutDoubles } from "../../src/compile/walk.js";
import { evaluate } from "../../src/openflow/evaluate.js";
import type { Flow } from "../../src/openflow/flow.js";
import type { MaskedBits } from "../../src/openflow/match-spec.js";
import { tablesOf } from "../../src/openflow/tables.js";
import { Random } from "../support/random.js";

const seed = 20_261_208;
const bits = 12;
/** All but the last twelve bits of an Ethernet address stand for what was checked before. */
const from = 48 - bits;

/** Random prefixes of the last twelve bits, with a port of their own each. */
function randomSteps(random: Random, lengths: readonly number[]): Step[] {
  const steps = Array.from({ length: 1 + random.below(8) }, (_, index): Step => {
    const length = random.pick(lengths);
    const shift = BigInt(bits - length);
    const value = (random.bits(bits) >> shift) << shift;
    const drops = random.chance(0.2);
    const actions = drops ? [] : [{ kind: "output", port: 100 + index } as const];
    return { value, length: from + length, actions, why: "test" };
  });
  return withoutDoubles(steps);
}

function meaningOf(steps: readonly Step[], value: bigint): number | undefined {
  const holding = steps.filter((step) => {
    const shift = BigInt(48 - step.length);
    return value >> shift === step.value >> shift;
  });
  const [longest] = holding.sort((a, b) => b.length - a.length);
  const action = longest?.actions[0];
  return action?.kind === "output" ? (action.port as number) : undefined;
}

function portOf(flows: readonly Flow[]): (value: bigint) => number | undefined {
  const tables = tablesOf(flows);
  return (value) => {
    const { outputs, doubt } = evaluate(tables, new Map([["dl_src", value]]), { inPort: 1 });
    expect(doubt).toBeUndefined();
    return outputs[0]?.port as number | undefined;
  };
}

const everyValue = Array.from({ length: 1 << bits }, (_, value) => BigInt(value));
const specOf = (ethernetSource: MaskedBits) => ({ ethernetSource });
const tableAt = (number: number) => ({ name: `t.${number}`, number, purpose: "test" });

test.each([1, 2, 3, 4, 6])(
  "a walk in strides of %i bits is the longest prefix, for every value",
  (stride) => {
    const random = new Random(seed + stride);
    for (let count = 0; count < 8; count++) {
      const steps = randomSteps(
        random,
        Array.from({ length: bits }, (_, index) => index + 1),
      );
      const sink = new FlowSink(new Names());
      const tables = Array.from({ length: bits / stride }, (_, number) => tableAt(number));
      addWalk(sink, { strides: evenStrides(bits, stride), from, tables }, steps, specOf);
      const port = portOf(sink.flows);
      for (const value of everyValue) expect(port(value)).toBe(meaningOf(steps, value));
    }
  },
);

test("a step of no bits is what every packet falls back to", () => {
  const to = (port: number) => [{ kind: "output", port } as const];
  const sink = new FlowSink(new Names());
  const walk = { strides: [24, 24], from: 0, tables: [tableAt(0), tableAt(1)] };
  const steps = [
    { value: 0n, length: 0, actions: to(101), why: "rest" },
    { value: 0x0a58_0000_0005n, length: 48, actions: to(102), why: "own" },
  ];
  addWalk(sink, walk, steps, specOf);
  const port = portOf(sink.flows);
  expect(port(0x0a58_0000_0005n)).toBe(102);
  for (const value of [0x0a58_0000_0004n, 0x0b58_0000_0005n, 0n]) expect(port(value)).toBe(101);
});

test("a walk has no stride for more bits than it has", () => {
  const step = { value: 0n, length: 48, actions: [], why: "test" };
  const walk = { strides: [4], from: 0, tables: [tableAt(0)] };
  expect(() => addWalk(new FlowSink(new Names()), walk, [step], specOf)).toThrow(RangeError);
});

test.each([1, 2, 3, 4])(
  "bits that all steps share may come in any order: the walk in strides of %i bits is the same",
  (stride) => {
    const random = new Random(seed + stride);
    for (let count = 0; count < 8; count++) {
      const share = random.bits(bits) & (0xfffn << BigInt(random.below(bits)));
      const steps = randomSteps(random, [bits - 1, bits]).map((step) => {
        const kept = ((1n << BigInt(bits)) - 1n) >> BigInt(random.pick([4, 8]));
        const value = (step.value & kept) | (share & ~kept & 0xfffn);
        return { ...step, value };
      });
      const all = withoutDoubles(steps);
      const sink = new FlowSink(new Names());
      const tables = Array.from({ length: bits / stride }, (_, number) => tableAt(number));
      const walk = { strides: evenStrides(bits, stride), from, tables };
      addWalk(sink, walk, all, specOf, { shared: 48 });
      const port = portOf(sink.flows);
      for (const value of everyValue) expect(port(value)).toBe(meaningOf(all, value));
    }
  },
);

test("of a share of twelve bits, the first stride is looked at first, then from the low end", () => {
  const sink = new FlowSink(new Names());
  const tables = Array.from({ length: 4 }, (_, number) => tableAt(number));
  const step = { value: 0xabc0n, length: 16, actions: [], why: "own" };
  const walk = { strides: [4, 4, 4, 4], from: 0, tables };
  addWalk(sink, walk, [step], specOf, { shared: 12 });
  const masks = sink.flows.map(({ table, match }) => [table, match.fields[0]?.mask]);
  expect(masks.sort(([a], [b]) => Number(a) - Number(b))).toEqual([
    [0, 0xf000n],
    [1, 0xf0f0n],
    [2, 0xfff0n],
    [3, 0xffffn],
  ]);
});

test.each([1, 2, 4])("stages of %i bits lead exactly the values on", (width) => {
  const random = new Random(seed + width);
  for (let count = 0; count < 8; count++) {
    const values = Array.from({ length: 1 + random.below(3) }, () => random.bits(bits));
    const sink = new FlowSink(new Names());
    const stages = lowFirst(evenStrides(bits, width));
    const tables = stages.map((_, number) => tableAt(number));
    addExactWalk(
      sink,
      { stages, tables },
      values,
      [{ kind: "output", port: 101 }],
      "own",
      (ethernetSource) => ({ ethernetSource }),
    );
    const port = portOf(sink.flows);
    for (const value of everyValue)
      expect(port(value)).toBe(values.includes(value) ? 101 : undefined);
    expect(sink.flows.length).toBeLessThanOrEqual(values.length * stages.length);
  }
});

test("of two steps for one prefix, the later holds", () => {
  const step = (why: string) => ({ value: 4n, length: 8, actions: [], why });
  expect(withoutDoubles([step("first"), step("second")])).toEqual([step("second")]);
});

test("prefixes that lie apart are looked at from the short ones to the long, and still each wins what it holds", () => {
  const random = new Random(seed);
  for (let count = 0; count < 8; count++) {
    const wanted = randomSteps(
      random,
      Array.from({ length: bits }, (_, index) => index + 1),
    );
    const steps = wanted.filter((step) =>
      wanted.every(
        (other) =>
          other === step ||
          (other.value ^ step.value) >> BigInt(48 - Math.min(other.length, step.length)) !== 0n,
      ),
    );
    const sink = new FlowSink(new Names());
    const tables = [tableAt(0), tableAt(1), tableAt(2)];
    addWalk(sink, { strides: evenStrides(bits, 4), from, tables }, steps, specOf);
    const port = portOf(sink.flows);
    for (const value of everyValue) expect(port(value)).toBe(meaningOf(steps, value));
    for (const one of sink.flows)
      for (const other of sink.flows)
        if (one.table === other.table && maskOf(one) < maskOf(other))
          expect(one.priority).toBeGreaterThan(other.priority);
  }
});

function maskOf({ match }: Flow): bigint {
  return match.fields[0]?.mask as bigint;
}
