import { expect, test } from "vitest";
import type { ArpBody } from "../../src/net/packet.js";
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

const fromPeer = frame(leafMac, bridgeMac, ip("10.1.0.9", "10.1.0.5"));
const fromStranger = frame(leafMac, bridgeMac, ip("192.0.2.1", "10.1.0.5"));

test("the host is never fenced: its own traffic, tags, other EtherTypes and destinations", () => {
  const rail = tinyRail();
  const toHost = frame(leafMac, bridgeMac, ip("192.0.2.1", "10.1.0.200"));
  expect(sent(rail, "LOCAL", fromStranger)).toBe("p0");
  expect(sent(rail, "p0", toHost)).toBe("LOCAL");
  expect(sent(rail, "p0", { ...fromPeer, vlan: 5 })).toBe("LOCAL");
  expect(sent(rail, "p0", frame(leafMac, bridgeMac, { kind: "other", etherType: 0x88cc }))).toBe(
    "LOCAL",
  );
});

test("an endpoint gets what the policy lets the sender bring, where sources are verified", () => {
  const rail = tinyRail();
  expect(sent(rail, "p0", fromPeer)).toBe("v0");
  expect(sent(rail, "p0", fromStranger)).toBe("drop");
  expect(sent(rail, "p0", frame(leafMac, bridgeMac, ip("10.1.0.9", "10.1.0.7")))).toBe("drop");
});

test("a trusted fabric brings whatever somebody may bring, and nothing else", () => {
  const rail = tinyRail({ uplinkSource: "trust" });
  expect(sent(rail, "p0", fromStranger)).toBe("v0");
  expect(sent(rail, "p0", frame(leafMac, bridgeMac, ip("192.0.2.1", "10.1.0.7")))).toBe("drop");
  const other = { kind: "ports", source: 1, destination: 4792 } as const;
  const body = ip("10.1.0.9", "10.1.0.5", { transport: other });
  expect(sent(rail, "p0", frame(leafMac, bridgeMac, body))).toBe("drop");
});

test("on a routed rail only frames to the bridge are the endpoints', with the pod's MAC then", () => {
  const rail = tinyRail();
  expect(sent(rail, "p0", { ...fromPeer, destination: mac(macs[0]) })).toBe("drop");
  expect(fieldsSent(rail, "p0", fromPeer)?.get("dl_dst")).toBe(mac(macs[0]));
});

test("ARP from the fabric: the host's on a routed rail, on a bridged one for whom the sender may meet", () => {
  const asks = (sender: string, target: string): ArpBody => ({
    ...{ kind: "arp", operation: 1, senderMac: mac(leafMac), targetMac: 0n },
    ...{ senderAddress: address(sender), targetAddress: address(target) },
  });
  const ask = (mode: "routed" | "bridged", sender: string, target: string) =>
    sent(tinyRail({ mode }), "p0", frame(leafMac, "ff:ff:ff:ff:ff:ff", asks(sender, target)));
  expect(ask("routed", "10.1.0.9", "10.1.0.5")).toBe("LOCAL");
  expect(ask("bridged", "10.1.0.9", "10.1.0.5")).toBe("v0");
  expect(ask("bridged", "10.1.0.1", "10.1.0.7")).toBe("v2");
  expect(ask("bridged", "10.1.0.9", "10.1.0.7")).toBe("drop");
  expect(ask("bridged", "10.1.0.9", "10.1.0.200")).toBe("LOCAL");
});

test("a port that is not ours gets nothing", () => {
  expect(sent(tinyRail(), "somebody", fromPeer)).toBe("drop");
});
