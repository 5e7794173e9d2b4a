/** Trees to a checked policy: names resolved, sentences checked, everything wrong said at once. */

import type { PolicyTree, Sentence } from "../syntax/tree.js";
import { type Diagnostic, severityOf } from "../text/diagnostic.js";
import { reportAllBesideNarrower } from "./all-beside-narrower.js";
import { checkTest } from "./check-expectation.js";
import { checkRule } from "./check-rule.js";
import type { Budget, CheckedPolicy, Group, Rule, Service, Tenant } from "./checked-policy.js";
import { collectDefinitions, type Definitions } from "./definitions.js";
import { expandGroups } from "./groups.js";
import { namesOf } from "./names.js";
import { compareSpans, compareText, inOrder } from "./report.js";
import { trafficOfTerms } from "./service-traffic.js";
import { checkNamespaceClaims, checkNetworkClaims } from "./tenant-claims.js";

export interface CheckOptions {
  /** `YYYY-MM-DD`. */
  readonly today: string;
}

export interface PolicyCheck {
  /**
   * Absent if anything but the passing of time is wrong: a rule past its `until` is an error to `check`, but it
   * must not take the rest of the policy off a node on the day after.
   */
  readonly policy?: CheckedPolicy;
  /** By file and place. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The order of files and sentences means nothing. Syntax errors are the caller's to look at first. */
export function checkPolicy(trees: readonly PolicyTree[], { today }: CheckOptions): PolicyCheck {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => diagnostics.push(diagnostic);
  const isLost = (name: string) =>
    trees.some(({ lost }) => lost !== undefined && (lost === "every" || lost.has(name)));
  const sentences = trees
    .flatMap((tree) => tree.sentences)
    .sort((one, other) => compareSpans(one.span, other.span));

  const definitions = collectDefinitions(sentences, report);
  const groups = expandGroups(definitions, report, isLost);
  const services = servicesOf(definitions);
  checkNamespaceClaims(definitions.tenants.values(), report);
  checkNetworkClaims(definitions.tenants.values(), report);
  const names = namesOf(definitions, groups, services, report, isLost);
  const rules = ofKind(sentences, "rule")
    .map((sentence) => checkRule(sentence, names, (name) => services.get(name), today, report))
    .filter((rule) => rule !== undefined);
  const tests = ofKind(sentences, "test").map((sentence) => checkTest(sentence, names));

  const found = inOrder(diagnostics);
  // a tree that lost something comes with errors of its own
  const isRefused =
    trees.some(({ lost }) => lost !== undefined) ||
    found.some(
      (diagnostic) => severityOf(diagnostic) === "error" && diagnostic.code !== "expired-rule",
    );
  if (isRefused) return { diagnostics: found };
  const policy: CheckedPolicy = {
    rails: names.everyRail,
    tenants: tenantsOf(definitions),
    groups: groupsOf(definitions, groups),
    services,
    rules: distinctRules(rules),
    tests,
    budgets: ofKind(sentences, "budget").map(budgetOf),
  };
  reportAllBesideNarrower(ofKind(sentences, "rule"), policy, report);
  return { policy, diagnostics: inOrder(diagnostics) };
}

/** A policy is a set of sentences: the same one said twice, in two files perhaps, is said once. */
function distinctRules(rules: readonly Rule[]): readonly Rule[] {
  const byId = new Map<string, Rule>();
  for (const rule of rules) {
    const same = byId.get(rule.id);
    if (same === undefined) byId.set(rule.id, rule);
    else if (same.text !== rule.text)
      throw new Error(`two rules share the identity ${rule.id}: ${same.text} / ${rule.text}`);
  }
  return [...byId.values()].sort((one, other) => compareText(one.id, other.id));
}

function servicesOf(definitions: Definitions): ReadonlyMap<string, Service> {
  return new Map(
    sorted(definitions.services).map(([name, { terms, span }]) => [
      name,
      { name, ...trafficOfTerms(terms), span },
    ]),
  );
}

function tenantsOf(definitions: Definitions): ReadonlyMap<string, Tenant> {
  return new Map(
    sorted(definitions.tenants).map(([name, { namespaces, networks, span }]) => [
      name,
      {
        name,
        namespaces: [...new Set(namespaces.map(({ text }) => text))].sort(),
        networks: networks.map(({ prefix }) => prefix),
        span,
      },
    ]),
  );
}

function groupsOf(
  definitions: Definitions,
  expanded: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, Group> {
  return new Map(
    sorted(definitions.groups).map(([name, { span }]) => [
      name,
      { name, tenants: expanded.get(name) ?? [], span },
    ]),
  );
}

function budgetOf({ megaflows, masks, span }: Extract<Sentence, { kind: "budget" }>): Budget {
  return {
    ...(megaflows !== undefined && { megaflows }),
    ...(masks !== undefined && { masks }),
    span,
  };
}

function ofKind<K extends Sentence["kind"]>(
  sentences: readonly Sentence[],
  kind: K,
): Extract<Sentence, { kind: K }>[] {
  return sentences.filter(
    (sentence): sentence is Extract<Sentence, { kind: K }> => sentence.kind === kind,
  );
}

function sorted<T>(named: ReadonlyMap<string, T>): [string, T][] {
  return [...named].sort(([one], [other]) => compareText(one, other));
}
