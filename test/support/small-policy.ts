/** Small random policies as text, and fleets for them: dense enough that rules, globs and rails collide. */

import fc from "fast-check";
import { checkPolicy } from "../../src/policy/check.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import { parsePolicy } from "../../src/syntax/parse.js";

export const today = "2026-11-23";

export const definitionSentences = [
  "rail pf1, pf2",
  "tenant a { namespace a-*, shared }",
  "tenant b { namespace b-one, b-two, b*b }",
  "tenant c { network 10.200.0.0/16, fd00:200::/48 }",
  "tenant d { namespace d-* network 10.201.0.1, fd00:201::/64 }",
  "group  ab = a, b",
  "service roce = 4791/udp",
  "service web  = 80/tcp, 443/tcp",
  "service low  = 1-100/tcp",
  "service ping = icmp echo",
  "service gone = icmp 3/4, 80/sctp",
];

const selector = fc.constantFrom(
  ...["any", "a", "b", "c", "d", "ab"],
  ...["a/a-x", "a/a-*", "a/*-x", "a/shared", "b/b-one", "b/*o*", "b/b*b", "d/d-*", "d/*1"],
);
const selectors = fc.array(selector, { minLength: 1, maxLength: 2 }).map((some) => some.join(", "));
const services = fc.constantFrom("roce", "web", "low", "ping", "gone", "web, ping", "all");
const rails = fc.constantFrom("", "", " on pf1", " on pf2", " across rails", " on pf1, pf2");
const because = fc.constantFrom("", "", ' because "one"', ' because "two"');

const sides = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom("each tenant <-> itself", "each ab <-> itself") },
  {
    weight: 4,
    arbitrary: fc
      .tuple(selectors, fc.constantFrom("->", "<->"), selectors)
      .map((one) => one.join(" ")),
  },
);

/** Sentences of one policy: definitions first, then rules. RoCEv2 goes both ways. */
export const ruleSentences: fc.Arbitrary<string[]> = fc.array(
  fc
    .tuple(fc.constantFrom("allow", "allow", "deny"), sides, services, rails, because)
    .map(([effect, who, what, where, why]) => {
      const way = what.includes("roce") ? who.replace(" -> ", " <-> ") : who;
      return `${effect} ${way} : ${what}${where}${why}`;
    }),
  { minLength: 1, maxLength: 6 },
);

export const expectationText: fc.Arbitrary<string> = fc
  .tuple(
    selectors,
    fc.constantFrom("can", "cannot"),
    selectors,
    fc.constantFrom("roce", "web", "ping", "low"),
    fc.constantFrom("", " on pf1", " on pf2"),
  )
  .map(([from, can, to, what, where]) => `${from} ${can} reach ${to} with ${what}${where}`);

export function definitionsAnd(sentences: readonly string[]): string {
  return `${[...definitionSentences, ...sentences].join("\n")}\n`;
}

/** Throws where the text is not a policy. */
export function policyOf(...texts: readonly string[]): CheckedPolicy {
  const parsed = texts.map((text, index) => parsePolicy({ name: `${index}.policy`, text }));
  const { policy, diagnostics } = checkPolicy(
    parsed.map(({ tree }) => tree),
    { today },
  );
  const all = [...parsed.flatMap((one) => one.diagnostics), ...diagnostics];
  if (policy === undefined || parsed.some((one) => one.diagnostics.length > 0))
    throw new Error(JSON.stringify(all.map(({ code, span }) => [code, span.start])));
  return policy;
}
