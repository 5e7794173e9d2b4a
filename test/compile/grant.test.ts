import { expect, test } from "vitest";
import { type Bearing, grantOf, isMeeting } from "../../src/compile/grant.js";
import { printIntervals } from "../../src/net/interval-set.js";
import { printTraffic } from "../../src/net/traffic.js";
import type { Rule } from "../../src/policy/checked-policy.js";
import { policyOf } from "../support/checked.js";

/** Rules of sentences such as `allow roce` or `deny all`, told apart by their reason. */
function bearing(way: Bearing["way"], effect: "allow" | "deny", services: string): Bearing {
  const policy = policyOf(`rail r
    service roce = 4791/udp service nfs = 2049/tcp service low = 0-1023/tcp service ping = icmp echo
    service control = icmp
    ${effect} any <-> any : ${services}`);
  return { rule: policy.rules[0] as Rule, way };
}

function printed(bearings: readonly Bearing[], family: 4 | 6 = 4) {
  const { packets, answers, fragments } = grantOf(bearings, family);
  return {
    packets: packets.map(({ traffic }) => printTraffic(traffic)),
    answers: answers.map(({ ports }) => printIntervals(ports)),
    fragments: fragments !== undefined,
  };
}

test("a deny wins, whatever stands first", () => {
  const allow = bearing("forward", "allow", "roce, nfs");
  const deny = bearing("forward", "deny", "nfs");
  expect(printed([allow, deny])).toEqual({ packets: ["udp 4791"], answers: [], fragments: false });
  expect(printed([deny, allow])).toEqual(printed([allow, deny]));
  expect(isMeeting([allow, bearing("forward", "deny", "all")], 4)).toBe(false);
});

test("a deny of one way does not cut the answers of the other", () => {
  const grant = printed([bearing("back", "allow", "nfs"), bearing("forward", "deny", "all")]);
  expect(grant).toEqual({ packets: [], answers: ["2049"], fragments: false });
});

test("only TCP is answered by port, and only by the service's", () => {
  expect(printed([bearing("back", "allow", "roce")])).toMatchObject({ packets: [], answers: [] });
  expect(printed([bearing("back", "allow", "low")]).answers).toEqual(["0-1023"]);
});

test("an echo request is answered by the reply: type 0, or 129", () => {
  const back = [bearing("back", "allow", "ping")];
  expect(printed(back, 4).packets).toEqual(["icmp 0-255"]);
  expect(printed(back, 6).packets).toEqual([`icmpv6 ${129 << 8}-${(129 << 8) | 255}`]);
});

test("fragments pass only where everything is open forward", () => {
  const all = bearing("forward", "allow", "all");
  expect(printed([all]).fragments).toBe(true);
  expect(printed([all, bearing("forward", "deny", "roce")]).fragments).toBe(false);
  expect(printed([bearing("back", "allow", "all")]).fragments).toBe(false);
});

test("neighbour discovery is never covered, not even by all", () => {
  const [packets] = grantOf([bearing("forward", "allow", "all")], 6).packets;
  for (const type of [133, 134, 135, 136, 137])
    for (const code of [0, 1, 255]) {
      const icmp = packets?.traffic.protocols.get(58) ?? [];
      const selector = (type << 8) | code;
      expect(icmp.some(({ first, last }) => first <= selector && selector <= last)).toBe(false);
    }
  expect(printed([bearing("forward", "allow", "all")], 4).packets).toEqual(["all"]);
});

test("shares are disjoint, and each names the rules that open it", () => {
  const roce = bearing("forward", "allow", "roce");
  const both = bearing("forward", "allow", "roce, nfs");
  const shares = grantOf([roce, both], 4).packets.map(({ traffic, rules }) => [
    printTraffic(traffic),
    rules.length,
  ]);
  expect(shares).toEqual([
    ["udp 4791", 2],
    ["tcp 2049", 1],
  ]);
});
