import { expect, test } from "vitest";
import {
  bridgeMac,
  fieldsSent,
  frame,
  ip,
  leafMac,
  mac,
  macs,
  sent,
  tinyRail,
} from "../support/tiny-rail.js";

const routed = tinyRail();
const bridged = tinyRail({ mode: "bridged" });
const toPeer = ip("10.1.0.5", "10.1.0.9");

test("a pod speaks as itself alone: its MAC, its addresses, untagged", () => {
  expect(sent(routed, "v0", frame(macs[0], bridgeMac, toPeer))).toBe("p0");
  expect(sent(routed, "v0", frame(macs[1], bridgeMac, toPeer))).toBe("drop");
  expect(sent(routed, "v0", frame(macs[0], bridgeMac, ip("10.1.0.6", "10.1.0.9")))).toBe("drop");
  expect(sent(routed, "v0", frame(macs[0], bridgeMac, ip("fd00:1::6", "fd00:1::9")))).toBe("drop");
  expect(sent(routed, "v0", frame(macs[0], bridgeMac, toPeer, 7))).toBe("drop");
});

test("an address beside its own in any one bit is not its own", () => {
  for (let bit = 0; bit < 32; bit++) {
    const source = { family: 4, value: 0x0a010005n ^ (1n << BigInt(bit)) } as const;
    expect(sent(bridged, "v0", frame(macs[0], leafMac, { ...toPeer, source }))).toBe("drop");
  }
});

test("on a routed rail only frames to the gateway's MAC pass, and their MACs are rewritten", () => {
  expect(sent(routed, "v0", frame(macs[0], leafMac, toPeer))).toBe("drop");
  const fields = fieldsSent(routed, "v0", frame(macs[0], bridgeMac, toPeer));
  expect(fields?.get("dl_src")).toBe(mac(bridgeMac));
  expect(fields?.get("dl_dst")).toBe(mac(leafMac));
  const near = fieldsSent(routed, "v0", frame(macs[0], bridgeMac, ip("10.1.0.5", "10.1.0.6")));
  expect(near?.get("dl_dst")).toBe(mac(macs[1]));
});

test("on a bridged rail nothing is rewritten", () => {
  const fields = fieldsSent(bridged, "v0", frame(macs[0], leafMac, toPeer));
  expect([fields?.get("dl_src"), fields?.get("dl_dst")]).toEqual([mac(macs[0]), mac(leafMac)]);
});

test("what is neither IP nor ARP goes nowhere", () => {
  const lldp = { kind: "other", etherType: 0x88cc } as const;
  expect(sent(routed, "v0", frame(macs[0], bridgeMac, lldp))).toBe("drop");
});
