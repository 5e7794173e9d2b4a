import { describe, expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import type { CompiledRail } from "../../src/compile/compiled-rail.js";
import type { Flow } from "../../src/openflow/flow.js";
import { checkPolicy } from "../../src/policy/check.js";
import { parsePolicy } from "../../src/syntax/parse.js";
import type { Diagnostic } from "../../src/text/diagnostic.js";
import { inventoryOf, policyOf } from "../support/checked.js";
import { Random } from "../support/random.js";

const definitions = `rail pf1, pf2
tenant a { namespace a-x, a-y }
tenant b { namespace b-x }
tenant c { network 10.200.0.0/16 }
service web = 443/tcp
service dns = 53/udp
service ping = icmp echo
`;

describe("all beside something narrower", () => {
  test.each([
    ["allow a <-> a : all allow a <-> b : dns", "a/a-x narrower-here: allow a <-> b : dns"],
    ["allow a <-> a : all allow a <-> a : dns", "a/a-x narrower-here: allow a <-> a : dns"],
    ["allow a <-> a : all deny a/a-y -> a : web", "a/a-y takes-out-here: deny a/a-y -> a : web"],
    ["allow a <-> a : all allow b -> a : web", "a/a-x only-answered-here: allow b -> a : web"],
    ["allow a <-> a : all allow b -> a : ping", "a/a-x only-answered-here: allow b -> a : ping"],
    ["allow a <-> c : all allow b/b-x <-> a : dns", "a/a-x narrower-here: allow b/b-x <-> a : dns"],
    ["allow a, b -> a : all", "a/a-x only-answered-here: a, b -> a"],
    [
      "allow a <-> a : all allow a <-> a : dns on pf2 across rails",
      "a/a-x narrower-here: allow a <-> a : dns on pf2 across rails",
    ],
  ])("%s", (rules, found) => expect(warnings(rules).map(print)).toEqual([found]));

  test.each([
    "allow a <-> a : all",
    "allow a <-> a, b : all",
    "allow a -> b : all",
    "allow each tenant <-> itself : all",
    "allow a <-> any : all deny a <-> b : all",
    "allow a <-> a : all deny a <-> b : dns",
    "allow a <-> a : all allow b <-> b : dns",
    "allow a <-> a : all allow b -> a : dns",
    "allow a <-> a : all on pf1 allow a <-> b : dns on pf2",
    "allow a/a-x <-> a/a-x : all allow a/a-y <-> b : dns",
    "allow a <-> a : all allow a <-> b : dns deny a <-> b : all",
    "allow a <-> a : web, ping allow a <-> b : dns",
    "allow a -> b : all allow b -> a : web",
  ])("not: %s", (rules) => expect(warnings(rules)).toEqual([]));

  test("each sentence has one, at its all", () => {
    const found = warnings("allow a <-> a : ping, all allow b -> b : all allow a <-> b : dns");
    expect(found.map(({ span }) => span.source.text.slice(span.start - 2, span.end))).toEqual([
      ", all",
      ": all",
    ]);
  });
});

const seed = 20261123;
test(`it is said of a policy exactly where the compiler tells protocols apart (seed ${seed})`, () => {
  const random = new Random(seed);
  let warned = 0;
  for (let round = 0; round < 60; round++) {
    const rules = Array.from({ length: 1 + random.below(4) }, () => randomRule(random)).join("\n");
    const isWarned = warnings(rules).length > 0;
    const policy = policyOf(definitions + rules);
    const isTold = ["pf1", "pf2"].some((rail) =>
      tellsProtocolsApart(compileRail(policy, inventory, { node: "n1", rail })),
    );
    expect(isWarned, rules).toBe(isTold);
    if (isWarned) warned++;
  }
  expect(warned).toBeGreaterThan(10);
  expect(warned).toBeLessThan(50);
});

function warnings(rules: string): Diagnostic[] {
  const { tree } = parsePolicy({ name: "test.policy", text: definitions + rules });
  return checkPolicy([tree], { today: "2026-08-01" }).diagnostics.filter(
    ({ code }) => code === "all-beside-narrower",
  );
}

function print(diagnostic: Diagnostic): string {
  const pod = diagnostic.code === "all-beside-narrower" ? diagnostic.pod : "";
  const labels = (diagnostic.labels ?? []).map(
    ({ role, span }) => `${role}: ${span.source.text.slice(span.start, span.end)}`,
  );
  return [pod, ...labels].join(" ");
}

function randomRule(random: Random): string {
  const side = () => random.pick(["a", "a", "b", "c", "a/a-x", "a/a-y", "b/b-x", "any"]);
  const effect = random.pick(["allow", "allow", "allow", "deny"]);
  const services = random.pick(["all", "all", "web", "dns", "ping", "web, dns"]);
  const on = random.pick(["", "", " on pf1", " on pf2"]);
  const across = effect === "allow" && random.below(5) === 0 ? " across rails" : "";
  return `${effect} ${side()} ${random.pick(["->", "<->"])} ${side()} : ${services}${on}${across}`;
}

/** Two pods of each namespace on each rail. */
const inventory = inventoryOf({
  version: 1,
  rails: Object.fromEntries(
    ["pf1", "pf2"].map((rail, at) => [
      rail,
      { mode: "routed", subnets: [`10.${at}.0.0/24`], gateways: [`10.${at}.0.1`] },
    ]),
  ),
  nodes: {
    n1: {
      rails: Object.fromEntries(
        ["pf1", "pf2"].map((rail, at) => [
          rail,
          {
            ...{ bridge: `br${at}`, uplink: `p${at}` },
            ...{ mac: `0c:42:a1:00:01:0${at}`, nextHop: `0c:42:a1:ff:00:0${at}` },
          },
        ]),
      ),
    },
  },
  endpoints: ["pf1", "pf2"].flatMap((rail, at) =>
    ["a-x", "a-y", "b-x", "a-x", "a-y", "b-x"].map((namespace, index) => ({
      ...{ namespace, pod: `pod-${index}`, node: "n1", rail },
      ...{ ips: [`10.${at}.0.${5 + index}`], mac: `0a:58:0a:0${at}:00:0${index}` },
      representor: `v${at}-${index}`,
    })),
  ),
});

/** Whether the protocol of a packet that some pod may send as part of `all` is looked at, before or after where it goes. */
function tellsProtocolsApart({ flows, tables }: CompiledRail): boolean {
  const numberOf = (name: string) => tables.find((table) => table.name === name)?.number;
  const at = (name: string) => flows.filter(({ table }) => table === numberOf(name));
  const parties = new Set(at("classify").map((flow) => written(flow, "reg0")));
  const lateAnswer = numberOf("late-answer");
  return at("service").some((open) => {
    const party = matched(open, "reg0");
    const isOpen = open.actions.length > 0 && !has(open, "nw_proto") && !has(open, "nw_frag");
    if (!isOpen || party === undefined || !parties.has(party)) return false;
    const isBeside = (flow: Flow) => matched(flow, "reg0") === party && has(flow, "nw_proto");
    const isLate = at("ipv4-destination").some(
      (flow) =>
        matched(flow, "reg0") === party &&
        matched(flow, "reg1") === written(open, "reg1") &&
        flow.actions.some((action) => action.kind === "goto" && action.table === lateAnswer),
    );
    return at("service").some(isBeside) || isLate;
  });
}

function has({ match }: Flow, field: string): boolean {
  return match.fields.some((one) => one.field === field);
}

function matched({ match }: Flow, field: string): bigint | undefined {
  return match.fields.find((one) => one.field === field)?.value;
}

function written({ actions }: Flow, field: string): bigint | undefined {
  for (const action of actions)
    if (action.kind === "set" && action.field === field) return action.value;
  return undefined;
}
