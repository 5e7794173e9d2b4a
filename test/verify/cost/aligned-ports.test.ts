/** Ranges of ports that one mask covers, computed by hand. */

import { describe, expect, test } from "vitest";
import { printTraffic } from "../../../src/net/traffic.js";
import { alignedPortsOf, alignedRange } from "../../../src/verify/cost/aligned-ports.js";
import { policyOf } from "../../support/checked.js";

describe("the least aligned range around", () => {
  test.each([
    // 0xc350 and 0xc738 differ from bit 10 on
    [50000, 51000, 49152, 51199],
    [4791, 4791, 4791, 4791],
    [8, 9, 8, 9],
    [9, 10, 8, 11],
    [32767, 32768, 0, 65535],
    [0, 65535, 0, 65535],
  ])("%i-%i is %i-%i", (first, last, from, to) => {
    expect(alignedRange({ first, last })).toEqual({ first: from, last: to });
  });
});

function alignedOf(service: string) {
  const text = `rail r\ntenant a { namespace a }\nservice s = ${service}\nallow a <-> a : s`;
  return alignedPortsOf(policyOf(text)).map(({ ranges, policy }) => ({
    ranges: ranges.map(({ from, to }) => `${from.first}-${from.last}: ${to.first}-${to.last}`),
    rule: printTraffic(policy.rules[0]?.[4] ?? { rest: false, protocols: new Map() }),
  }));
}

test("only the range that is none is widened, and the rule keeps the rest", () => {
  expect(alignedOf("50000-51000/tcp, 4791/udp, icmp echo")).toEqual([
    { ranges: ["50000-51000: 49152-51199"], rule: expect.stringContaining("tcp 49152-51199") },
  ]);
  expect(alignedOf("50000-51000/tcp, 4791/udp")[0]?.rule).toContain("udp 4791");
});

test("what is aligned stays, and so does what would have to grow more than fourfold", () => {
  expect(alignedOf("49152-51199/tcp, 443/tcp")).toEqual([]);
  expect(alignedOf("32767-32768/tcp")).toEqual([]);
});
