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
  const sides = sidesOf(sentence, names);
  const services = names.services(sentence.services);
  const rails = names.rails(sentence.rails);
  const holds = checkUntil(sentence, today, report);
  if (sides === undefined) return undefined;
  if (sentence.effect === "allow" && isOneWay(sides))
    reportOneWayRoce(sentence, trafficOfService, report);
  if (services === undefined || rails === undefined || !holds) return undefined;
  return ruleOf(sentence, clausesOf(sides), services, rails);
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

/** Selectors by their keys, so that none is there twice. */
type Selectors = ReadonlyMap<string, Selector>;

type Sides =
  | { readonly kind: "each"; readonly tenants: readonly string[] }
  | {
      readonly kind: "pair";
      readonly openers: Selectors;
      readonly answerers: Selectors;
      readonly bothWays: boolean;
    };

function sidesOf({ sides }: RuleSentence, names: Names): Sides | undefined {
  if (sides.kind === "each") {
    const tenants =
      sides.group === undefined ? names.everyTenant : names.tenantsOfGroup(sides.group);
    return tenants && { kind: "each", tenants };
  }
  const openers = names.selectors(sides.openers);
  const answerers = names.selectors(sides.answerers);
  if (openers === undefined || answerers === undefined) return undefined;
  const { bothWays } = sides;
  return { kind: "pair", openers: byKey(openers), answerers: byKey(answerers), bothWays };
}

function byKey(selectors: readonly Selector[]): Selectors {
  return new Map(selectors.map((selector) => [keyOfSelector(selector), selector]));
}

/** Groups can make a million of them: no clause is looked at twice. */
function clausesOf(sides: Sides): Clause[] {
  if (sides.kind === "each")
    return sides.tenants.map((tenant) => {
      const selector: Selector = { kind: "tenant", tenant };
      return { opener: selector, answerer: selector };
    });
  const clauses: Clause[] = [];
  for (const opener of sides.openers.values())
    for (const answerer of sides.answerers.values()) clauses.push({ opener, answerer });
  if (!sides.bothWays) return clauses;
  for (const [openerKey, opener] of sides.answerers)
    for (const [answererKey, answerer] of sides.openers) {
      const isSaid = sides.openers.has(openerKey) && sides.answerers.has(answererKey);
      if (!isSaid) clauses.push({ opener, answerer });
    }
  return clauses;
}

/** Whether some opener is not among the answerers, or the other way about: then a way back is missing. */
function isOneWay(sides: Sides): boolean {
  if (sides.kind === "each" || sides.bothWays) return false;
  return !holdsAll(sides.openers, sides.answerers) || !holdsAll(sides.answerers, sides.openers);
}

function holdsAll(around: Selectors, inner: Selectors): boolean {
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
