/** One rule sentence to a rule, or to what is wrong with it. */

import type { RuleSentence } from "../syntax/tree.js";
import type { Clause, Rule, Selector } from "./checked-policy.js";
import { matchesGlob } from "./glob.js";
import { keyOfSelector, type Names, type Services } from "./names.js";
import type { Report } from "./report.js";
import { canonicalText, idOf } from "./rule-text.js";
import { carriesRoce, type FamilyTraffic } from "./service-traffic.js";

/** Days before `until` on which a warning begins. */
const warnedDays = 30;

/** Undefined if a name in it is not defined, or if its last day has passed. */
export function checkRule(
  sentence: RuleSentence,
  names: Names,
  trafficOfService: (name: string) => FamilyTraffic | undefined,
  today: string,
  report: Report,
): Rule | undefined {
  const clauses = clausesOf(sentence, names);
  const services = names.services(sentence.services);
  const rails = names.rails(sentence.rails);
  const holds = checkUntil(sentence, today, report);
  if (clauses === undefined) return undefined;
  if (sentence.effect === "allow" && isOneWay(sentence, clauses))
    reportOneWayRoce(sentence, trafficOfService, report);
  if (services === undefined || rails === undefined || !holds) return undefined;
  return ruleOf(sentence, clauses, services, rails);
}

function ruleOf(
  sentence: RuleSentence,
  clauses: readonly Clause[],
  services: Services,
  rails: readonly string[],
): Rule {
  const text = canonicalText(sentence);
  const { effect, acrossRails, owner, because, until, span } = sentence;
  return {
    id: idOf(text),
    text,
    effect,
    clauses,
    services: services.names,
    4: services.traffic[4],
    6: services.traffic[6],
    rails,
    acrossRails,
    ...(owner !== undefined && { owner: owner.text }),
    ...(because !== undefined && { because: because.text }),
    ...(until !== undefined && { until: until.text }),
    span,
  };
}

function clausesOf({ sides }: RuleSentence, names: Names): readonly Clause[] | undefined {
  if (sides.kind === "each") {
    const tenants =
      sides.group === undefined ? names.everyTenant : names.tenantsOfGroup(sides.group);
    return tenants?.map((tenant) => {
      const selector: Selector = { kind: "tenant", tenant };
      return { opener: selector, answerer: selector };
    });
  }
  const openers = names.selectors(sides.openers);
  const answerers = names.selectors(sides.answerers);
  if (openers === undefined || answerers === undefined) return undefined;
  const there = product(openers, answerers);
  if (!sides.bothWays) return there;
  const said = new Set(there.map(keyOfClause));
  const back = product(answerers, openers).filter((clause) => !said.has(keyOfClause(clause)));
  return [...there, ...back];
}

function product(openers: readonly Selector[], answerers: readonly Selector[]): Clause[] {
  return openers.flatMap((opener) => answerers.map((answerer) => ({ opener, answerer })));
}

function keyOfClause({ opener, answerer }: Clause): string {
  return `${keyOfSelector(opener)} ${keyOfSelector(answerer)}`;
}

/** Whether some opener is not among the answerers, or the other way about: then a way back is missing. */
function isOneWay({ sides }: RuleSentence, clauses: readonly Clause[]): boolean {
  if (sides.kind === "each" || sides.bothWays) return false;
  const openers = distinct(clauses.map(({ opener }) => opener));
  const answerers = distinct(clauses.map(({ answerer }) => answerer));
  return !holdsAll(openers, answerers) || !holdsAll(answerers, openers);
}

function distinct(selectors: readonly Selector[]): ReadonlyMap<string, Selector> {
  return new Map(selectors.map((selector) => [keyOfSelector(selector), selector]));
}

function holdsAll(
  around: ReadonlyMap<string, Selector>,
  inner: ReadonlyMap<string, Selector>,
): boolean {
  if (around.has("any")) return true;
  return [...inner].every(([key, selector]) => {
    if (around.has(key)) return true;
    if (selector.kind !== "namespace") return false;
    if (around.has(selector.tenant)) return true;
    return [...around.values()].some(
      (other) =>
        other.kind === "namespace" &&
        other.tenant === selector.tenant &&
        !selector.namespace.includes("*") &&
        matchesGlob(other.namespace, selector.namespace),
    );
  });
}

/** One message: a service that means RoCEv2 comes before `all`, which only includes it. */
function reportOneWayRoce(
  sentence: RuleSentence,
  trafficOfService: (name: string) => FamilyTraffic | undefined,
  report: Report,
): void {
  for (const reference of sentence.services) {
    if (reference.kind === "all") continue;
    const traffic = trafficOfService(reference.name.text);
    if (traffic === undefined || !carriesRoce(traffic)) continue;
    report({ code: "one-way-roce", service: reference.name.text, span: reference.span });
    return;
  }
  const all = sentence.services.find(({ kind }) => kind === "all");
  if (all !== undefined) report({ code: "one-way-roce-all", span: all.span });
}

/** Whether the rule still holds. Days are text, and ISO 8601 days sort as text. */
function checkUntil({ until }: RuleSentence, today: string, report: Report): boolean {
  if (until === undefined) return true;
  if (until.text < today) {
    report({ code: "expired-rule", until: until.text, today, span: until.span });
    return false;
  }
  const days = Math.round((dayNumber(until.text) - dayNumber(today)) / 86_400_000);
  if (days <= warnedDays)
    report({ code: "expires-soon", until: until.text, today, days, span: until.span });
  return true;
}

function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}
