/**
 * The kinds of address that the rules and tests of a policy can tell apart, without any inventory. An endpoint
 * is thought of on the rail that is asked about: one that stands elsewhere may only do less (an allow has to say
 * `across rails` to cover it, a deny covers it all the same), so "no address may" is true of it as well.
 */

import { type Family, widthOf } from "../net/address.js";
import { type Prefix, printPrefix } from "../net/prefix.js";
import type { CheckedPolicy, Selector, Tenant } from "./checked-policy.js";
import { type NamespaceClass, namespaceClasses } from "./namespace-classes.js";

export type Side = NamespaceSide | NetworkSide | StrangerSide;

interface NamespaceSide {
  readonly kind: "namespace";
  readonly tenant: string;
  readonly class: NamespaceClass;
}

interface NetworkSide {
  readonly kind: "network";
  readonly tenant: string;
  readonly networks: readonly Prefix[];
}

/** An address that no tenant has: only `any` covers it. */
interface StrangerSide {
  readonly kind: "stranger";
}

export interface Sides {
  /** Every side that one of the selectors covers, in an order of their names. */
  coveredBy(selectors: readonly Selector[]): readonly Side[];
  /** A tenant that they cover whose namespaces are of more kinds than can be walked through. */
  tooManyIn(selectors: readonly Selector[]): string | undefined;
}

export function sidesOf(policy: CheckedPolicy): Sides {
  const patterns = patternsByTenant(policy);
  const known = new Map<string, readonly Side[] | "too many">();
  const tryTenant = (tenant: Tenant) => {
    const sides = known.get(tenant.name) ?? tenantSides(tenant, patterns.get(tenant.name));
    known.set(tenant.name, sides);
    return sides;
  };
  const ofTenant = (tenant: Tenant) => {
    const sides = tryTenant(tenant);
    if (sides === "too many") throw new Error(`tenant ${tenant.name} has too many kinds of side`);
    return sides;
  };
  return {
    tooManyIn(selectors) {
      const isNamed = (name: string) =>
        selectors.some((each) => each.kind === "any" || each.tenant === name);
      const tenants = [...policy.tenants.values()].filter(({ name }) => isNamed(name));
      return tenants.find((tenant) => tryTenant(tenant) === "too many")?.name;
    },
    coveredBy(selectors) {
      if (selectors.some(({ kind }) => kind === "any"))
        return [...[...policy.tenants.values()].flatMap(ofTenant), { kind: "stranger" }];
      const named = new Set(selectors.map((each) => (each.kind === "any" ? "" : each.tenant)));
      return [...named].sort().flatMap((name) => {
        const tenant = policy.tenants.get(name);
        const sides = tenant === undefined ? [] : ofTenant(tenant);
        return sides.filter((side) => selectors.some((selector) => coversSide(selector, side)));
      });
    },
  };
}

export function coversSide(selector: Selector, side: Side): boolean {
  if (selector.kind === "any") return true;
  if (side.kind === "stranger" || side.tenant !== selector.tenant) return false;
  if (selector.kind === "tenant") return true;
  return side.kind === "namespace" && side.class.matched.has(selector.namespace);
}

/** Pods and strangers may have addresses of both families. */
export function hasFamily(side: Side, family: Family): boolean {
  return side.kind !== "network" || side.networks.some((network) => network.family === family);
}

/** Whether two different addresses of these sides exist: one machine alone has nobody to talk to. */
export function canMeet(one: Side, other: Side, family: Family): boolean {
  if (!hasFamily(one, family) || !hasFamily(other, family)) return false;
  if (one !== other || one.kind !== "network") return true;
  const networks = one.networks.filter((network) => network.family === family);
  const distinct = new Set(networks.map(({ value }) => value));
  return distinct.size > 1 || networks.some(({ length }) => length < widthOf(family));
}

export function printSide(side: Side, family: Family): string {
  switch (side.kind) {
    case "namespace":
      return `${side.tenant}/${side.class.example}`;
    case "network":
      return printPrefix(side.networks.find((one) => one.family === family) as Prefix);
    case "stranger":
      return "an address of no tenant";
  }
}

function tenantSides(
  tenant: Tenant,
  patterns: ReadonlySet<string> | undefined,
): readonly Side[] | "too many" {
  const { name, networks } = tenant;
  const classes = namespaceClasses(tenant.namespaces, [...(patterns ?? [])]);
  if (classes === undefined) return "too many";
  const pods = classes.map((each): Side => ({ kind: "namespace", tenant: name, class: each }));
  return networks.length === 0 ? pods : [...pods, { kind: "network", tenant: name, networks }];
}

/** The namespaces that rules and tests name, by tenant. */
function patternsByTenant(policy: CheckedPolicy): ReadonlyMap<string, ReadonlySet<string>> {
  const patterns = new Map<string, Set<string>>();
  const add = (selector: Selector) => {
    if (selector.kind !== "namespace") return;
    const known = patterns.get(selector.tenant);
    if (known !== undefined) known.add(selector.namespace);
    else patterns.set(selector.tenant, new Set([selector.namespace]));
  };
  for (const rule of policy.rules)
    for (const clause of rule.clauses) {
      add(clause.opener);
      add(clause.answerer);
    }
  for (const test of policy.tests)
    for (const expectation of test.expectations)
      if (expectation.kind === "reach")
        for (const selector of [...expectation.openers, ...expectation.answerers]) add(selector);
  return patterns;
}
