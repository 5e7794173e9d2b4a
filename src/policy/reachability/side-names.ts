/** Words for a set of atoms: the names that one of the policies has for it, whole ones before parts. */

import type { CheckedPolicy } from "../checked-policy.js";
import type { Atom, Version } from "./atom.js";
import { poolTerms } from "./pool-terms.js";
import { costOf, type SideTerm } from "./side-term.js";

export class SideNames {
  readonly #policy: CheckedPolicy;
  readonly #all: readonly Atom[];
  /** By tenant; under no name, whatever no tenant has. */
  readonly #pools = new Map<string | undefined, Atom[]>();

  constructor(policy: CheckedPolicy, version: Version, atoms: readonly Atom[]) {
    this.#policy = policy;
    this.#all = atoms;
    for (const atom of atoms) {
      const pool = this.#pools.get(atom.owners[version]);
      if (pool === undefined) this.#pools.set(atom.owners[version], [atom]);
      else pool.push(atom);
    }
  }

  termsOf(atoms: ReadonlySet<Atom>): SideTerm[] {
    if (atoms.size === this.#all.length) return [{ kind: "any", except: [] }];
    const terms = this.#direct(atoms);
    if (![...atoms].some(({ kind }) => kind === "stranger")) return terms;
    const others = this.#direct(new Set(this.#all.filter((atom) => !atoms.has(atom))));
    return costOf(others) + 1 < costOf(terms) ? [{ kind: "any", except: others }] : terms;
  }

  /** Of whole tenants, each of which is meant with itself. */
  termsOfTenants(atoms: ReadonlySet<Atom>): SideTerm[] {
    const terms = this.#direct(atoms);
    const missing = [...this.#pools].flatMap(([tenant, pool]) =>
      tenant === undefined || pool.some((atom) => atoms.has(atom)) ? [] : pool,
    );
    const except = this.#direct(new Set(missing));
    return except.length === 0 || costOf(except) + 1 < costOf(terms)
      ? [{ kind: "every-tenant", except }]
      : terms;
  }

  /** Whether these are all that one tenant has. */
  isTenant(atoms: ReadonlySet<Atom>): boolean {
    const [term, ...others] = this.#direct(atoms);
    return others.length === 0 && term?.kind === "tenant" && term.except.length === 0;
  }

  #direct(atoms: ReadonlySet<Atom>): SideTerm[] {
    // who is spoken of, and how it is said without groups
    const byTenant = new Map<string, readonly SideTerm[]>();
    const rest: SideTerm[] = [];
    for (const [tenant, pool] of this.#pools) {
      const inside = pool.filter((atom) => atoms.has(atom));
      if (inside.length === 0) continue;
      const terms = poolTerms(tenant, pool, inside);
      if (tenant === undefined) rest.push(...terms);
      else byTenant.set(tenant, terms);
    }
    return [...this.#grouped(byTenant), ...rest];
  }

  /** Groups in place of tenants, as long as that is shorter. */
  #grouped(byTenant: Map<string, readonly SideTerm[]>): SideTerm[] {
    const groups: SideTerm[] = [];
    const isCovered = new Set<string>();
    for (;;) {
      let best: { term: SideTerm; tenants: readonly string[]; saved: number } | undefined;
      for (const { name, tenants } of this.#policy.groups.values()) {
        const spoken = tenants.filter((each) => byTenant.has(each) && !isCovered.has(each));
        const before = spoken.reduce((sum, each) => sum + costOf(byTenant.get(each) ?? []), 0);
        if (spoken.length < 2) continue;
        const except = tenants.flatMap((each) => this.#missing(each, byTenant.get(each)));
        const term: SideTerm = { kind: "group", name, except };
        const saved = before - costOf([term]);
        if (saved > (best?.saved ?? 0)) best = { term, tenants: spoken, saved };
      }
      if (best === undefined) break;
      groups.push(best.term);
      for (const tenant of best.tenants) isCovered.add(tenant);
    }
    const alone = [...byTenant].filter(([tenant]) => !isCovered.has(tenant));
    const sorted = alone.sort(([one], [other]) => (one < other ? -1 : 1));
    return [...groups, ...sorted.flatMap(([, terms]) => terms)];
  }

  /** What of the tenant is not meant: all of it, where nothing is said of it. */
  #missing(tenant: string, terms: readonly SideTerm[] | undefined): readonly SideTerm[] {
    if (terms === undefined) return [{ kind: "tenant", name: tenant, except: [] }];
    const [term] = terms;
    if (terms.length === 1 && term?.kind === "tenant") return term.except;
    // a part that is named by what it is, not by what it lacks, is no member to speak of
    return [...terms, ...terms, { kind: "tenant", name: tenant, except: [] }];
  }
}
