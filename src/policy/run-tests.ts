/** The policy's own tests, answered exactly: over kinds of address and sets of traffic, never by sampling. */

import type { Family } from "../net/address.js";
import {
  intersectTraffic,
  isNoTraffic,
  noTraffic,
  subtractTraffic,
  type Traffic,
  uniteTraffic,
} from "../net/traffic.js";
import type { Diagnostic, FailingTest } from "../text/diagnostic.js";
import type {
  CheckedPolicy,
  Clause,
  PolicyTest,
  ReachExpectation,
  Rule,
  Selector,
} from "./checked-policy.js";
import { compareSpans } from "./report.js";
import { canMeet, coversSide, printSide, type Side, type Sides, sidesOf } from "./sides.js";
import { printSomeTraffic } from "./some-traffic.js";

/** One diagnostic for every expectation that fails. Costs are not reach: the cost model answers for them. */
export function runTests(policy: CheckedPolicy): Diagnostic[] {
  if (policy.tests.length === 0) return [];
  const sides = sidesOf(policy);
  const clauses = clausesBySides(policy);
  return policy.tests.flatMap((test) =>
    test.expectations
      .filter((expectation) => expectation.kind === "reach")
      .map((expectation) => failureOf(test, expectation, sides, clauses))
      .filter((failure) => failure !== undefined),
  );
}

interface RuleClause {
  readonly rule: Rule;
  readonly clause: Clause;
}

/** By the tenants of the opener and of the answerer; `any` is the empty name. */
type Clauses = ReadonlyMap<string, ReadonlyMap<string, readonly RuleClause[]>>;

/** What rules say about two sides on one rail, of the traffic that is asked about. */
interface Answer {
  readonly asked: Traffic;
  readonly open: Traffic;
  readonly allows: readonly Rule[];
  readonly denies: readonly Rule[];
}

interface Failure {
  readonly why: FailingTest["why"];
  /** Some of it is in the counter-example. */
  readonly traffic: Traffic;
  readonly rule?: Rule | undefined;
}

function failureOf(
  test: PolicyTest,
  expectation: ReachExpectation,
  sides: Sides,
  clauses: Clauses,
): Diagnostic | undefined {
  const tenant = sides.tooManyIn([...expectation.openers, ...expectation.answerers]);
  if (tenant !== undefined)
    return { code: "test-too-wide", title: test.title, tenant, span: expectation.span };
  const passed = new Set<string>();
  const openers = sides.coveredBy(expectation.openers);
  const answerers = sides.coveredBy(expectation.answerers);
  for (const rail of expectation.rails)
    for (const opener of openers)
      for (const answerer of answerers)
        for (const family of [4, 6] as const) {
          if (isNoTraffic(expectation[family]) || !canMeet(opener, answerer, family)) continue;
          const speaking = rulesBetween(clauses, rail, opener, answerer);
          // thousands of pairs are spoken of by the same few rules
          const key = `${family} ${speaking.map(({ id }) => id).join(" ")}`;
          if (passed.has(key)) continue;
          const answer = answerOf(speaking, expectation[family], family);
          const failure = judge(expectation, answer, family);
          if (failure === undefined) {
            passed.add(key);
            continue;
          }
          return diagnosticOf(test, expectation, failure, {
            opener: printSide(opener, family),
            answerer: printSide(answerer, family),
            traffic: printSomeTraffic(failure.traffic, family) ?? "",
            rail,
          });
        }
  return undefined;
}

function judge(
  { can, because }: ReachExpectation,
  answer: Answer,
  family: Family,
): Failure | undefined {
  const { asked, open, allows, denies } = answer;
  if (!can && !isNoTraffic(open))
    return { why: "a-rule-allows", traffic: open, rule: deciding(allows, open, family) };
  const closed = subtractTraffic(asked, open);
  if (can && !isNoTraffic(closed)) {
    const rule = deciding(denies, closed, family);
    if (rule === undefined) return { why: "no-rule-allows", traffic: closed };
    return { why: "a-rule-denies", traffic: intersectTraffic(rule[family], closed), rule };
  }
  if (because === undefined) return undefined;
  // every rule that has a say has to give this reason, and a reason there has to be
  const speakers = can ? allows : denies;
  const other = speakers.find((rule) => rule.because !== because);
  if (other === undefined && speakers.length > 0) return undefined;
  const traffic = other === undefined ? asked : intersectTraffic(other[family], asked);
  return { why: "another-reason", traffic, rule: other };
}

function answerOf(rules: readonly Rule[], asked: Traffic, family: Family): Answer {
  const speaking = rules.filter((rule) => !isNoTraffic(intersectTraffic(rule[family], asked)));
  const allows = speaking.filter(({ effect }) => effect === "allow");
  const denies = speaking.filter(({ effect }) => effect === "deny");
  const union = (some: readonly Rule[]) =>
    some.reduce((sum, rule) => uniteTraffic(sum, rule[family]), noTraffic);
  const open = subtractTraffic(intersectTraffic(union(allows), asked), union(denies));
  return { asked, open, allows, denies };
}

function rulesBetween(
  clauses: Clauses,
  rail: string,
  opener: Side,
  answerer: Side,
): readonly Rule[] {
  const speaking = namesOf(opener)
    .flatMap((one) => namesOf(answerer).flatMap((other) => clauses.get(one)?.get(other) ?? []))
    .filter(
      ({ rule, clause }) =>
        rule.rails.includes(rail) &&
        coversSide(clause.opener, opener) &&
        coversSide(clause.answerer, answerer),
    );
  return [...new Set(speaking.map(({ rule }) => rule))];
}

/** Where clauses that may cover a side are found. */
function namesOf(side: Side): readonly string[] {
  return side.kind === "stranger" ? [""] : [side.tenant, ""];
}

function clausesBySides(policy: CheckedPolicy): Clauses {
  const all = new Map<string, Map<string, RuleClause[]>>();
  const nameOf = (selector: Selector) => (selector.kind === "any" ? "" : selector.tenant);
  for (const rule of policy.rules)
    for (const clause of rule.clauses) {
      const opener = nameOf(clause.opener);
      const answerer = nameOf(clause.answerer);
      const ofOpener = all.get(opener) ?? new Map<string, RuleClause[]>();
      all.set(opener, ofOpener);
      const known = ofOpener.get(answerer);
      if (known === undefined) ofOpener.set(answerer, [{ rule, clause }]);
      else known.push({ rule, clause });
    }
  return all;
}

/** The first rule, in the order of their places, that speaks of some of it. */
function deciding(rules: readonly Rule[], traffic: Traffic, family: Family): Rule | undefined {
  return rules
    .filter((rule) => !isNoTraffic(intersectTraffic(rule[family], traffic)))
    .sort((one, other) => compareSpans(one.span, other.span))[0];
}

function diagnosticOf(
  test: PolicyTest,
  expectation: ReachExpectation,
  { why, rule }: Failure,
  connection: { opener: string; answerer: string; traffic: string; rail: string },
): Diagnostic {
  const role = rule?.effect === "deny" ? "denied-by-this-rule" : "decided-by-this-rule";
  return {
    code: "failing-test",
    title: test.title,
    expected: expectation.can ? "can" : "cannot",
    ...connection,
    why,
    ...(why === "another-reason" && { expectedReason: expectation.because }),
    ...(why === "another-reason" && rule?.because !== undefined && { reason: rule.because }),
    span: expectation.span,
    ...(rule !== undefined && { labels: [{ span: rule.span, role }] }),
  };
}
