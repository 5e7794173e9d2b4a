/**
 * The namespaces of two policies, in classes that no pattern of either can tell apart. Tenants whose claims meet are
 * walked through together, all others apart from each other: a policy has thousands of tenants, and one walk over the
 * patterns of all of them would have no end.
 */

import type { CheckedPolicy } from "../checked-policy.js";
import { isGlob, matchesGlob, nameOfBoth } from "../glob.js";
import { namespaceClasses } from "../namespace-classes.js";
import { type PodAtom, type Version, versions } from "./atom.js";
import { DisjointSets } from "./disjoint-sets.js";

export type TwoPolicies = { readonly [version in Version]: CheckedPolicy };

/** The patterns of some tenants are of more kinds than can be walked through: `tenants` are these. */
export class TooManyKinds extends Error {
  readonly tenants: readonly string[];

  constructor(tenants: readonly string[]) {
    super(`the namespaces of ${tenants.join(", ")} are of too many kinds to be compared`);
    this.name = "TooManyKinds";
    this.tenants = tenants;
  }
}

/** One tenant of one of the policies. */
interface Party {
  readonly version: Version;
  readonly tenant: string;
  readonly claims: readonly string[];
  /** Namespaces of it that rules name. */
  readonly named: ReadonlySet<string>;
}

/** @throws {TooManyKinds} */
export function podAtoms(policies: TwoPolicies): PodAtom[] {
  const parties = versions.flatMap((version) => partiesOf(version, policies[version]));
  return meetingParties(parties).flatMap(atomsOf);
}

function partiesOf(version: Version, policy: CheckedPolicy): Party[] {
  const named = namespacesNamed(policy);
  return [...policy.tenants.values()]
    .filter(({ namespaces }) => namespaces.length > 0)
    .map(({ name, namespaces }) => ({
      version,
      tenant: name,
      claims: namespaces,
      named: named.get(name) ?? new Set(),
    }));
}

/** By tenant. */
function namespacesNamed(policy: CheckedPolicy): ReadonlyMap<string, ReadonlySet<string>> {
  const named = new Map<string, Set<string>>();
  for (const { clauses } of policy.rules)
    for (const { opener, answerer } of clauses)
      for (const selector of [opener, answerer]) {
        if (selector.kind !== "namespace") continue;
        const known = named.get(selector.tenant);
        if (known === undefined) named.set(selector.tenant, new Set([selector.namespace]));
        else known.add(selector.namespace);
      }
  return named;
}

/** Within one policy no two claims meet; between two they mostly are the same words. */
function meetingParties(parties: readonly Party[]): Party[][] {
  const sets = new DisjointSets<Party>();
  const byClaim = new Map<string, Party>();
  const byHead = new Map<string, { readonly claim: string; readonly party: Party }[]>();
  for (const party of parties)
    for (const claim of party.claims) {
      const same = byClaim.get(claim);
      if (same === undefined) byClaim.set(claim, party);
      else sets.unite(same, party);
      const head = headOf(claim);
      const rest = byHead.get(head);
      if (rest === undefined) byHead.set(head, [{ claim, party }]);
      else rest.push({ claim, party });
    }
  // of two patterns that meet, the letters before the first star of one begin those of the other
  for (const party of parties)
    for (const claim of party.claims) {
      const head = headOf(claim);
      for (let length = 0; length <= head.length; length++)
        for (const other of byHead.get(head.slice(0, length)) ?? []) {
          if (other.party.version === party.version || sets.areOne(other.party, party)) continue;
          if (nameOfBoth(claim, other.claim) !== undefined) sets.unite(other.party, party);
        }
    }
  return sets.groupsOf(parties);
}

function headOf(pattern: string): string {
  return isGlob(pattern) ? pattern.slice(0, pattern.indexOf("*")) : pattern;
}

function atomsOf(parties: readonly Party[]): PodAtom[] {
  const claims = new Set(parties.flatMap((party) => party.claims));
  const patterns = [...new Set([...claims, ...parties.flatMap(({ named }) => [...named])])].sort();
  const classes = fewClasses(patterns, claims) ?? namespaceClasses([...claims], patterns);
  if (classes === undefined)
    throw new TooManyKinds([...new Set(parties.map(({ tenant }) => tenant))].sort());
  return classes.map(({ matched }) => ({
    kind: "pods",
    owners: Object.fromEntries(
      parties
        .filter((party) => party.claims.some((claim) => matched.has(claim)))
        .map(({ version, tenant }) => [version, tenant]),
    ),
    matched,
    unmatched: patterns.filter((pattern) => !matched.has(pattern)),
  }));
}

/** Most tenants have names, or names and one glob: no walk is needed to see what they tell apart. */
function fewClasses(
  patterns: readonly string[],
  claims: ReadonlySet<string>,
): { matched: ReadonlySet<string> }[] | undefined {
  const globs = patterns.filter(isGlob);
  const [glob] = globs;
  if (globs.length > 1) return undefined;
  const names = patterns.filter((pattern) => !isGlob(pattern) && pattern !== "");
  const sets = names.map(
    (name) => new Set(glob !== undefined && matchesGlob(glob, name) ? [name, glob] : [name]),
  );
  if (glob !== undefined) sets.push(new Set([glob]));
  return sets
    .filter((set) => [...set].some((pattern) => claims.has(pattern)))
    .map((matched) => ({ matched }));
}
