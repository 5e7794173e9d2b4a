/** What a change of policy touches besides who may talk to whom: a reviewer wants to have seen it all. */

import { printPrefix } from "../../net/prefix.js";
import { printTraffic } from "../../net/traffic.js";
import type { Span } from "../../text/source.js";
import type { CheckedPolicy, PolicyTest, Rule } from "../checked-policy.js";
import { keyOfSelector } from "../names.js";
import { compareText } from "../report.js";
import type { ReachDifference } from "./compare-policies.js";

export interface OtherChange {
  readonly what:
    | "rail"
    | "tenant"
    | "group"
    | "service"
    | "rule"
    /** Owner, reason or last day of a rule that says the same otherwise. */
    | "rule-clauses"
    | "test"
    | "budget";
  readonly change: "added" | "removed" | "changed";
  /** Of a rule its text; of a test its title; of a budget nothing. */
  readonly name: string;
  /** Of a rule whose clauses changed, its text before. */
  readonly before?: string;
  readonly old?: Span;
  readonly new?: Span;
}

/** Rules that some entry names are left out: they are not without effect. */
export function otherChanges(
  old: CheckedPolicy,
  young: CheckedPolicy,
  reach: ReachDifference,
): OtherChange[] {
  return [
    ...compared("rail", namesOnly(old.rails), namesOnly(young.rails)),
    ...compared("tenant", tenantsOf(old), tenantsOf(young)),
    ...compared("group", groupsOf(old), groupsOf(young)),
    ...compared("service", servicesOf(old), servicesOf(young)),
    ...ruleChanges(old, young, reach),
    ...compared("test", testsOf(old), testsOf(young)),
    ...compared("budget", budgetsOf(old), budgetsOf(young)),
  ];
}

/** What it says, in one form: where two are equal, nothing changed. */
interface Said {
  readonly meaning: string;
  readonly span?: Span;
}

type Definitions = ReadonlyMap<string, Said>;

function compared(what: OtherChange["what"], old: Definitions, young: Definitions): OtherChange[] {
  const names = [...new Set([...old.keys(), ...young.keys()])].sort(compareText);
  return names.flatMap((key) => {
    const before = old.get(key);
    const after = young.get(key);
    if (before?.meaning === after?.meaning) return [];
    const change = before === undefined ? "added" : after === undefined ? "removed" : "changed";
    return {
      what,
      change,
      name: what === "budget" ? "" : key,
      ...(before?.span === undefined ? {} : { old: before.span }),
      ...(after?.span === undefined ? {} : { new: after.span }),
    };
  });
}

function namesOnly(names: readonly string[]): Definitions {
  return new Map(names.map((name) => [name, { meaning: name }]));
}

function tenantsOf({ tenants }: CheckedPolicy): Definitions {
  return new Map(
    [...tenants].map(([name, { namespaces, networks, span }]) => {
      const prefixes = [...new Set(networks.map(printPrefix))].sort();
      return [name, { meaning: JSON.stringify([namespaces, prefixes]), span }];
    }),
  );
}

function groupsOf({ groups }: CheckedPolicy): Definitions {
  return new Map(
    [...groups].map(([name, { tenants, span }]) => [name, { meaning: tenants.join(), span }]),
  );
}

function servicesOf({ services }: CheckedPolicy): Definitions {
  return new Map(
    [...services].map(([name, service]) => [
      name,
      {
        meaning: `${printTraffic(service[4])} | ${printTraffic(service[6])}`,
        span: service.span,
      },
    ]),
  );
}

/** Two tests may share a title: then they are compared as one. */
function testsOf({ tests }: CheckedPolicy): Definitions {
  const said = new Map<string, Said>();
  for (const test of tests) {
    const same = said.get(test.title);
    const meanings = [...(same?.meaning.split("\n") ?? []), ...expectationsOf(test)];
    said.set(test.title, { meaning: meanings.sort().join("\n"), span: same?.span ?? test.span });
  }
  return said;
}

function expectationsOf({ expectations }: PolicyTest): string[] {
  return expectations.map((one) => {
    if (one.kind === "cost") return JSON.stringify([one.measure, one.node, one.atMost]);
    const sides = [one.openers, one.answerers].map((some) => some.map(keyOfSelector).sort());
    return JSON.stringify([sides, one.can, one.services, one.rails, one.because ?? null]);
  });
}

function budgetsOf({ budgets }: CheckedPolicy): Definitions {
  return new Map(
    budgets.map(({ megaflows, masks, span }, index) => [
      String(index),
      { meaning: JSON.stringify([megaflows ?? null, masks ?? null]), span },
    ]),
  );
}

function ruleChanges(
  old: CheckedPolicy,
  young: CheckedPolicy,
  { gained, lost, later }: ReachDifference,
): OtherChange[] {
  const blamed = new Set(
    [gained, lost, ...later.flatMap((one) => [one.gained, one.lost])].flatMap((entries) =>
      entries.flatMap(({ causes }) => causes.map(({ rule }) => rule.id)),
    ),
  );
  const idsIn = (rules: readonly Rule[]) => new Set(rules.map(({ id }) => id));
  const [before, after] = [idsIn(old.rules), idsIn(young.rules)];
  const added = young.rules.filter(({ id }) => !before.has(id));
  const removed = old.rules.filter(({ id }) => !after.has(id));
  const byHead = new Map(removed.map((rule) => [headOf(rule), rule]));
  const changes: OtherChange[] = [];
  for (const rule of added) {
    const earlier = byHead.get(headOf(rule));
    if (earlier !== undefined) {
      byHead.delete(headOf(rule));
      const spans = { old: earlier.span, new: rule.span };
      const texts = { name: rule.text, before: earlier.text };
      changes.push({ what: "rule-clauses", change: "changed", ...texts, ...spans });
    } else if (!blamed.has(rule.id))
      changes.push({ what: "rule", change: "added", name: rule.text, new: rule.span });
  }
  for (const rule of byHead.values())
    if (!blamed.has(rule.id))
      changes.push({ what: "rule", change: "removed", name: rule.text, old: rule.span });
  return changes.sort((one, other) => compareText(one.name, other.name));
}

/** The rule's text without who owns it, why, and until when. */
function headOf({ text, owner, because, until }: Rule): string {
  const clauses = [
    ...(owner === undefined ? [] : [` owner "${owner}"`]),
    ...(because === undefined ? [] : [` because "${because}"`]),
    ...(until === undefined ? [] : [` until ${until}`]),
  ];
  return text.slice(0, text.length - clauses.join("").length);
}
