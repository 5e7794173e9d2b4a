import { expect, test } from "vitest";
import { ClauseIndex, covers, partyOf } from "../../src/compile/party.js";
import type { Rule } from "../../src/policy/checked-policy.js";
import { policyOf } from "../support/checked.js";

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
