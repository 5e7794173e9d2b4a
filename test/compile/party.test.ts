import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { ClauseIndex, covers, partyOf } from "../../src/compile/party.js";
import type { Rule } from "../../src/policy/checked-policy.js";
import { inventoryOf, policyOf } from "../support/checked.js";

const definitions = `rail r1, r2
  tenant red { namespace red-*, shared } tenant blue { namespace blue }
  service roce = 4791/udp
`;
const rulesOf = (text: string): readonly Rule[] => policyOf(definitions + text).rules;

test("a party is named after the policy: tenant, patterns, other rail; nobody's is a star", () => {
  expect(partyOf("red", [])).toMatchObject({ label: "red" });
  expect(partyOf("red", ["red-*", "red-a"]).label).toBe("red/red-*/red-a");
  expect(partyOf("red", [], "r2").label).toBe("red@r2");
  expect(partyOf(undefined, []).label).toBe("*");
});

test.each(["gateway", "fabric"])(
  "a tenant may be called %s as the compiler's own party is",
  (name) => {
    expect(partyOf(name, []).label).not.toBe(name);
    const inventory = inventoryOf({
      version: 1,
      rails: { r1: { mode: "bridged", subnets: ["10.101.0.0/16"], gateways: ["10.101.0.1"] } },
      nodes: { n1: { rails: { r1: { bridge: "br", uplink: "p0" } } } },
      endpoints: [
        {
          ...{ namespace: "blue", pod: "a", node: "n1", rail: "r1", ips: ["10.101.0.5"] },
          ...{ mac: "0a:58:0a:65:00:05", representor: "vf0" },
        },
      ],
    });
    const flowsOf = (tenant: string) => {
      const policy = policyOf(`rail r1
      tenant blue { namespace blue } tenant ${tenant} { namespace x network 10.7.0.0/16 }
      service roce = 4791/udp
      allow ${tenant} <-> blue : roce`);
      return compileRail(policy, inventory, { node: "n1", rail: "r1" }).flows.length;
    };
    expect(flowsOf(name)).toBe(flowsOf("red"));
  },
);

test("an allow covers another rail only across rails, and only one of its own; a deny covers any", () => {
  const away = partyOf("red", [], "r2");
  const any = { kind: "any" } as const;
  const [plain] = rulesOf("allow any <-> any : roce");
  const [across] = rulesOf("allow any <-> any : roce across rails");
  const [narrow] = rulesOf("allow any <-> any : roce on r1 across rails");
  const [deny] = rulesOf("deny any <-> any : roce");
  expect([plain, across, narrow, deny].map((rule) => covers(any, away, rule as Rule))).toEqual([
    false,
    true,
    false,
    true,
  ]);
});

test("a namespace selector covers the parties whose namespaces match it", () => {
  const [rule] = rulesOf("allow red/red-* <-> blue : roce");
  const selector = { kind: "namespace", tenant: "red", namespace: "red-*" } as const;
  expect(covers(selector, partyOf("red", ["red-*"]), rule as Rule)).toBe(true);
  expect(covers(selector, partyOf("red", []), rule as Rule)).toBe(false);
  expect(covers(selector, partyOf("blue", ["red-*"]), rule as Rule)).toBe(false);
});

test("the index finds each end of each clause, and no rule of other rails", () => {
  const rules = rulesOf(
    "allow red <-> blue : roce on r1 allow blue <-> red : roce on r2 deny red <-> red : all on r2",
  );
  const stakes = new ClauseIndex(rules, "r1").stakesOf(partyOf("red", []));
  expect(stakes.map(({ opens }) => opens).sort()).toEqual([false, true]);
  expect(new Set(stakes.map(({ rule }) => rule.rails.join()))).toEqual(new Set(["r1"]));
  expect(new ClauseIndex(rules, "r1").stakesOf(partyOf(undefined, []))).toEqual([]);
});
