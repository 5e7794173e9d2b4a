import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import type { CompiledRail } from "../../src/compile/compiled-rail.js";
import { printAddress } from "../../src/net/address.js";
import { inventoryOf, policyOf } from "../support/checked.js";
import {
  address,
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

test.each([
  ["10.0.0.1", "138.0.0.1"],
  ["10.0.0.1", "74.0.0.1"],
  ["10.0.0.1", "26.0.0.1"],
  ["10.0.0.4", "10.0.0.5"],
  ["10.0.0.4", "10.0.0.6"],
  ["10.0.0.4", "10.8.0.4"],
  ["10.0.0.5", "14.0.0.4"],
])(
  "a pod may speak as %s and as %s, that differ in a bit or two, and as neither beside",
  (...own) => {
    const rail = railOfOnePod(own);
    const out = (source: string) =>
      sent(rail, "v0", frame(macs[0], bridgeMac, ip(source, "192.0.2.1")));
    expect(own.map(out)).toEqual(["p0", "p0"]);
    const values = own.map((text) => address(text).value);
    for (const value of values)
      for (let bit = 0; bit < 32; bit++) {
        const near = value ^ (1n << BigInt(bit));
        if (values.includes(near)) continue;
        expect(out(printAddress({ family: 4, value: near }))).toBe("drop");
      }
  },
);

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

function subnetsOf(ips: readonly string[]): string[] {
  return [...new Set(ips.map((each) => `${each.slice(0, -1)}0/24`))];
}

function railOfOnePod(ips: readonly string[]): CompiledRail {
  const policy = policyOf("rail pf1 tenant red { namespace red } allow red <-> any : all");
  const inventory = inventoryOf({
    version: 1,
    rails: { pf1: { mode: "routed", subnets: subnetsOf(ips) } },
    nodes: {
      n1: { rails: { pf1: { bridge: "br", uplink: "p0", mac: bridgeMac, nextHop: leafMac } } },
    },
    endpoints: [
      {
        namespace: "red",
        pod: "two",
        node: "n1",
        rail: "pf1",
        ips,
        mac: macs[0],
        representor: "v0",
      },
    ],
  });
  return compileRail(policy, inventory, { node: "n1", rail: "pf1" });
}
