/**
 * Parties: the classes of addresses between which a policy, seen from one rail's bridge, cannot tell apart. They are
 * named after the policy, never numbered, so a party keeps its name while endpoints come and go.
 */

import type { Clause, Rule, Selector } from "../policy/checked-policy.js";

export interface Party {
  /** Unique, such as `search`, `speech/speech-dev`, `search@pf2` or `*` for those whom no tenant claims. */
  readonly label: string;
  readonly tenant?: string;
  /** The namespace patterns of the policy that its members match, ascending. */
  readonly patterns: readonly string[];
  /** The other rail on which its members stand; absent for this rail and for networks and strangers. */
  readonly standing?: string;
}

/** What a party may do with another, seen as one clause of one rule. */
export interface Stake {
  readonly rule: Rule;
  /** Whether the party is the opener of the clause; the counterpart is at its other end. */
  readonly opens: boolean;
  readonly counterpart: Selector;
}

export function partyOf(
  tenant: string | undefined,
  patterns: readonly string[],
  standing?: string,
): Party {
  const name = tenant === undefined ? "*" : [apart(tenant), ...patterns].join("/");
  return {
    label: standing === undefined ? name : `${name}@${standing}`,
    ...(tenant === undefined ? {} : { tenant }),
    patterns,
    ...(standing === undefined ? {} : { standing }),
  };
}

/** The compiler's own parties (rail-view.ts) are called so; no tenant's name has a space. */
const ownLabels: ReadonlySet<string> = new Set(["gateway", "fabric"]);

function apart(tenant: string): string {
  return ownLabels.has(tenant) ? `tenant ${tenant}` : tenant;
}

/**
 * An allow opens other rails only where it says so; a deny cuts wherever its selector reaches, for whoever writes
 * `deny dev <-> any` means to be rid of it.
 */
export function covers(selector: Selector, party: Party, rule: Rule): boolean {
  if (party.standing !== undefined && rule.effect === "allow")
    if (!rule.acrossRails || !rule.rails.includes(party.standing)) return false;
  switch (selector.kind) {
    case "any":
      return true;
    case "tenant":
      return selector.tenant === party.tenant;
    case "namespace":
      return selector.tenant === party.tenant && party.patterns.includes(selector.namespace);
  }
}

/** Finds the clauses that concern a party without walking through those of a thousand other tenants. */
export class ClauseIndex {
  readonly #byTenant = new Map<string | undefined, Stake[]>();
  readonly #selectors = new Map<Stake, Selector>();
  readonly #known = new Map<string, readonly Stake[]>();

  /** Rules that do not hold on that rail are left out. */
  constructor(rules: readonly Rule[], rail: string) {
    for (const rule of rules) {
      if (!rule.rails.includes(rail)) continue;
      for (const clause of rule.clauses) this.#add(rule, clause);
    }
  }

  stakesOf(party: Party): readonly Stake[] {
    const known = this.#known.get(party.label);
    if (known !== undefined) return known;
    const candidates = [
      ...(this.#byTenant.get(undefined) ?? []),
      ...(party.tenant === undefined ? [] : (this.#byTenant.get(party.tenant) ?? [])),
    ];
    const stakes = candidates.filter((stake) =>
      covers(this.#selectors.get(stake) as Selector, party, stake.rule),
    );
    this.#known.set(party.label, stakes);
    return stakes;
  }

  #add(rule: Rule, { opener, answerer }: Clause): void {
    this.#file({ rule, opens: true, counterpart: answerer }, opener);
    this.#file({ rule, opens: false, counterpart: opener }, answerer);
  }

  #file(stake: Stake, selector: Selector): void {
    const tenant = selector.kind === "any" ? undefined : selector.tenant;
    const stakes = this.#byTenant.get(tenant);
    if (stakes === undefined) this.#byTenant.set(tenant, [stake]);
    else stakes.push(stake);
    this.#selectors.set(stake, selector);
  }
}
