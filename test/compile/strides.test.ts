import { expect, test } from "vitest";
import { endsOf, macStrides, narrow, ownIpv6Strides, wide } from "../../src/compile/strides.js";

const megaflows = (strides: readonly number[]) =>
  strides.reduce((sum, width) => sum + (1 << width) - 1, 0);

test("every field is checked to its last bit", () => {
  expect(endsOf(macStrides).at(-1)).toBe(48);
  expect(endsOf(ownIpv6Strides).at(-1)).toBe(128);
  expect(endsOf(narrow(32)).at(-1)).toBe(32);
  expect(endsOf(wide(24), 104)).toEqual([112, 120, 128]);
});

test("a MAC address for three EtherTypes, and an IPv6 address, stay within 800 megaflows", () => {
  expect(3 * megaflows(macStrides)).toBe(687);
  expect(megaflows(ownIpv6Strides)).toBe(740);
});

test("strides end where well-known prefixes do", () => {
  expect(endsOf(macStrides)).toContain(24);
  for (const length of [16, 32, 48, 64, 68, 112, 120])
    expect(endsOf(ownIpv6Strides)).toContain(length);
});
