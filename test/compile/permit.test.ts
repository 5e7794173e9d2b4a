import { expect, test } from "vitest";
import { bridgeMac, frame, ip, leafMac, sent, tinyRail } from "../support/tiny-rail.js";

const rules = "allow red <-> red : roce allow store -> red : nfs allow blue <-> blue : roce";
const nfs = {
  protocol: 6,
  transport: { kind: "ports", source: 7, destination: 2049, tcpFlags: 2 },
} as const;

function into(
  from: string,
  to: string,
  more = {},
  uplinkSource: "verify" | "trust" = "verify",
): string {
  return sent(
    tinyRail({ rules, uplinkSource }),
    "p0",
    frame(leafMac, bridgeMac, ip(from, to, more)),
  );
}

test("each sender brings what it may, to whom it may", () => {
  expect(into("10.200.0.1", "10.1.0.5", nfs)).toBe("v0");
  expect(into("10.200.0.1", "10.1.0.6", nfs)).toBe("v1");
  expect(into("10.200.0.1", "10.1.0.7", nfs)).toBe("drop");
  expect(into("10.200.0.1", "10.1.0.5")).toBe("drop");
  expect(into("10.1.0.9", "10.1.0.5", nfs)).toBe("drop");
  expect(into("10.1.0.9", "10.1.0.5")).toBe("v0");
});

test("a trusted fabric brings to each endpoint what anybody may bring to that one", () => {
  expect(into("10.1.0.9", "10.1.0.5", nfs, "trust")).toBe("v0");
  expect(into("10.1.0.9", "10.1.0.7", nfs, "trust")).toBe("drop");
  expect(into("192.0.2.1", "10.1.0.7", {}, "trust")).toBe("v2");
});
