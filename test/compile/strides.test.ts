import { expect, test } from "vitest";
import {
  arpStrides,
  commonIpv4Bits,
  endsOf,
  ipv4Stages,
  ipv6Stages,
  ipv6Strides,
  macStages,
  macStrides,
  ownMacStages,
  type Stages,
  wide,
} from "../../src/compile/strides.js";

const megaflows = (strides: readonly number[]) =>
  strides.reduce((sum, width) => sum + (1 << width) - 1, 0);

/** How many bits each stage adds. */
const widths = (stages: Stages) => stages.map((mask, at) => ones(mask & ~(stages[at - 1] ?? 0n)));
const ones = (mask: bigint) => mask.toString(2).replaceAll("0", "").length;

const exact = { macStages, ownMacStages, ipv4Stages, ipv6Stages };

test("every field is checked to its last bit", () => {
  for (const strides of [macStrides, [24, 24]]) expect(endsOf(strides).at(-1)).toBe(48);
  expect(endsOf(arpStrides).at(-1)).toBe(32);
  expect(endsOf(ipv6Strides).at(-1)).toBe(128);
  expect(endsOf(wide(24), 104)).toEqual([112, 120, 128]);
  for (const [stages, bits] of [
    [macStages, 48],
    [ownMacStages, 48],
    [ipv4Stages, 32],
    [ipv6Stages, 128],
  ] as const)
    expect(stages.at(-1)).toBe((1n << BigInt(bits)) - 1n);
});

test("a stage looks at all that the stages before it have looked at", () => {
  for (const stages of Object.values(exact))
    for (const [at, mask] of stages.entries()) expect((stages[at - 1] ?? 0n) & ~mask).toBe(0n);
});

test("the wrong values of a field are so many megaflows", () => {
  const each = Object.entries(exact).map(([name, stages]) => [name, megaflows(widths(stages))]);
  expect(Object.fromEntries(each)).toEqual({
    macStages: 504,
    ownMacStages: 375,
    ipv4Stages: 443,
    ipv6Stages: 1258,
  });
});

test("no mask of an IPv6 address begins with a digit, which ovs-ofctl would take for a length", () => {
  for (const mask of ipv6Stages) {
    const [first = 0n, second = 0n] = [mask >> 112n, (mask >> 96n) & 0xffffn];
    if (first === 0n) expect(second).toBe(0n);
    else expect(first.toString(16)).toMatch(/^[a-f]/);
  }
});

test("strides end where well-known prefixes do", () => {
  expect(endsOf(macStrides)).toContain(24);
  for (const length of [16, 32, 48, 64, 68, 104, 112, 120])
    expect(endsOf(ipv6Strides)).toContain(length);
});

test("no common bits of IPv4 are a prefix, for a prefix has a trie", () => {
  const bits = commonIpv4Bits.flatMap(([from, end]) =>
    Array.from({ length: end - from }, (_, at) => from + at),
  );
  expect(bits.sort((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, at) => at + 1));
});
