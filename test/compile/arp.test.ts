import { expect, test } from "vitest";
import type { ArpBody } from "../../src/net/packet.js";
import {
  address,
  bridgeMac,
  fieldsSent,
  frame,
  mac,
  macs,
  sent,
  tinyRail,
} from "../support/tiny-rail.js";

const broadcast = "ff:ff:ff:ff:ff:ff";

function asks(target: string, more: Partial<ArpBody> = {}): ArpBody {
  return {
    kind: "arp",
    operation: 1,
    senderMac: mac(macs[0]),
    senderAddress: address("10.1.0.5"),
    targetMac: 0n,
    targetAddress: address(target),
    ...more,
  };
}

test("on a routed rail the bridge answers for gateways and for whom the pod may meet", () => {
  const rail = tinyRail();
  const ask = (target: string, more?: Partial<ArpBody>) =>
    sent(rail, "v0", frame(macs[0], broadcast, asks(target, more)));
  expect(["10.1.0.1", "10.1.0.6", "10.1.0.9"].map((target) => ask(target))).toEqual([
    "v0",
    "v0",
    "v0",
  ]);
  expect(["10.1.0.5", "10.1.0.7", "10.1.0.8"].map((target) => ask(target))).toEqual([
    "drop",
    "drop",
    "drop",
  ]);
  expect(ask("10.1.0.1", { operation: 2 })).toBe("drop");
  expect(ask("10.1.0.1", { targetMac: 5n })).toBe("drop");
  expect(ask("10.1.0.1", { targetMac: mac(broadcast) })).toBe("v0");
});

test("the answer is a reply from the address that was asked for, with the bridge's MAC", () => {
  const fields = fieldsSent(tinyRail(), "v0", frame(macs[0], bridgeMac, asks("10.1.0.9")));
  expect(Object.fromEntries(fields ?? [])).toMatchObject({
    ...{ dl_src: mac(bridgeMac), dl_dst: mac(macs[0]), arp_op: 2n },
    ...{ arp_sha: mac(bridgeMac), arp_spa: address("10.1.0.9").value },
    ...{ arp_tha: mac(macs[0]), arp_tpa: address("10.1.0.5").value },
  });
});

test("on a bridged rail the question goes to whom it is for", () => {
  const rail = tinyRail({ mode: "bridged" });
  const ask = (target: string, more?: Partial<ArpBody>) =>
    sent(rail, "v0", frame(macs[0], broadcast, asks(target, more)));
  expect(["10.1.0.1", "10.1.0.6", "10.1.0.9", "10.1.0.7"].map((target) => ask(target))).toEqual([
    ...["p0", "v1", "p0", "drop"],
  ]);
  expect(ask("10.1.0.6", { operation: 2 })).toBe("v1");
});

test("nobody asks in another's name", () => {
  for (const mode of ["routed", "bridged"] as const) {
    const rail = tinyRail({ mode });
    for (const more of [{ senderMac: mac(macs[1]) }, { senderAddress: address("10.1.0.6") }])
      expect(sent(rail, "v0", frame(macs[0], broadcast, asks("10.1.0.1", more)))).toBe("drop");
  }
});
