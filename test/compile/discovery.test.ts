import { expect, test } from "vitest";
import { groupMacOf, groupOf } from "../../src/compile/discovery.js";
import { printAddress } from "../../src/net/address.js";
import { printMac } from "../../src/net/mac.js";
import type { Neighbour } from "../../src/net/packet.js";
import {
  address,
  bridgeMac,
  fieldsSent,
  frame,
  ip,
  mac,
  macs,
  sent,
  tinyRail,
} from "../support/tiny-rail.js";

function message(type: number, to: string, neighbour: Neighbour, code = 0) {
  const transport = { kind: "icmp", type, code, neighbour } as const;
  return ip("fd00:1::5", to, { protocol: 58, transport });
}

/** As a host asks: sent to the target's own group. */
function solicitation(target: string, more: Partial<Neighbour> = {}) {
  const asked = address(target);
  const group = printAddress({ family: 6, value: groupOf(asked.value) });
  const body = message(135, group, { target: asked, sourceLinkLayer: mac(macs[0]), ...more });
  return frame(macs[0], printMac(groupMacOf(asked.value)), body);
}

test("a group is the last 24 bits of the address", () => {
  const { value } = address("fd00:1::12:3456");
  expect(printAddress({ family: 6, value: groupOf(value) })).toBe("ff02::1:ff12:3456");
  expect(printMac(groupMacOf(value))).toBe("33:33:ff:12:34:56");
});

test("on a routed rail the bridge answers for gateways and whom the pod may meet", () => {
  const rail = tinyRail();
  const ask = (target: string, more?: Partial<Neighbour>) =>
    sent(rail, "v0", solicitation(target, more));
  expect(["fd00:1::1", "fd00:1::6", "fd00:1::9"].map((target) => ask(target))).toEqual([
    "v0",
    "v0",
    "v0",
  ]);
  expect(["fd00:1::5", "fd00:1::7", "fd00:1::8"].map((target) => ask(target))).toEqual([
    "drop",
    "drop",
    "drop",
  ]);
  expect(ask("fd00:1::1", { sourceLinkLayer: mac(macs[1]) })).toBe("drop");
  expect(ask("fd00:1::1", { targetLinkLayer: 5n })).toBe("drop");
});

test("the target asks back, with the bridge's MAC", () => {
  const fields = fieldsSent(tinyRail(), "v0", solicitation("fd00:1::9"));
  expect(Object.fromEntries(fields ?? [])).toMatchObject({
    ...{ dl_src: mac(bridgeMac), dl_dst: mac(macs[0]), icmpv6_type: 135n },
    ...{ ipv6_src: address("fd00:1::9").value, ipv6_dst: address("fd00:1::5").value },
    ...{ nd_sll: mac(bridgeMac), nd_target: address("fd00:1::5").value },
  });
});

test("asked directly, the bridge answers for gateways alone", () => {
  const rail = tinyRail();
  const direct = (target: string) =>
    sent(rail, "v0", frame(macs[0], bridgeMac, message(135, target, { target: address(target) })));
  expect(direct("fd00:1::1")).toBe("v0");
  expect(direct("fd00:1::9")).toBe("drop");
});

test("the group must be the target's own", () => {
  const rail = tinyRail();
  const asked = solicitation("fd00:1::9");
  const other = solicitation("fd00:1::6");
  expect(sent(rail, "v0", { ...asked, destination: other.destination })).toBe("drop");
  expect(sent(rail, "v0", { ...other, destination: asked.destination })).toBe("drop");
});

test("on a bridged rail questions and advertisements go to whom they are for", () => {
  const rail = tinyRail({ mode: "bridged" });
  expect(sent(rail, "v0", solicitation("fd00:1::6"))).toBe("v1");
  expect(sent(rail, "v0", solicitation("fd00:1::9"))).toBe("p0");
  expect(sent(rail, "v0", solicitation("fd00:1::7"))).toBe("drop");
  const advertise = (to: string, target: string) =>
    sent(rail, "v0", frame(macs[0], macs[1], message(136, to, { target: address(target) })));
  expect(advertise("fd00:1::6", "fd00:1::5")).toBe("v1");
  expect(advertise("fd00:1::6", "fd00:1::6")).toBe("drop");
  expect(advertise("fd00:1::7", "fd00:1::5")).toBe("drop");
});

test.each([133, 134, 137])(
  "a pod says no router's message (type %i), whatever the rules",
  (type) => {
    for (const mode of ["routed", "bridged"] as const) {
      const rail = tinyRail({ mode, rules: "allow any <-> any : all" });
      const body = message(type, "fd00:1::9", { target: address("fd00:1::9") });
      expect(sent(rail, "v0", frame(macs[0], bridgeMac, body))).toBe("drop");
    }
  },
);
