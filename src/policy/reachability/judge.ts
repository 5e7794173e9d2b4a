/** What two policies say about pairs of kinds: pairs of whom the same rules speak are decided once. */

import type { Family } from "../../net/address.js";
import type { Rule } from "../checked-policy.js";
import { type Version, versions } from "./atom.js";
import type { Kind, Kinds } from "./kinds.js";
import type { RailClass } from "./rail-views.js";
import type { TrafficAtoms } from "./traffic-atoms.js";

/** A set of (rail class, piece of traffic): bit `railClass * pieces + piece`. */
export type Reach = bigint;

export interface Cell {
  readonly rules: { readonly [version in Version]: readonly Rule[] };
  /** As of today first, then as of the days after rules end: what begins to differ then. */
  readonly changes: readonly Change[];
}

export interface Change {
  /** The last day before it; none for today. */
  readonly after?: string;
  readonly gained: Reach;
  readonly lost: Reach;
}

/** Decides pairs by the rules that speak of them. */
export class Judge {
  readonly #numbers = new Map<Rule, number>();
  readonly #decided = new Map<string, Cell>();
  readonly #possible: { readonly 4: Reach; readonly 6: Reach };

  readonly #kinds: Kinds;
  readonly #reachOf: (rule: Rule) => Reach;

  constructor(
    kinds: Kinds,
    rails: readonly RailClass[],
    traffic: TrafficAtoms,
    reachOf: (rule: Rule) => Reach,
  ) {
    this.#kinds = kinds;
    this.#reachOf = reachOf;
    const onEveryRail = (pieces: bigint) =>
      rails.reduce((sum, _, number) => sum | (pieces << BigInt(number * traffic.count)), 0n);
    this.#possible = { 4: onEveryRail(traffic.ofFamily[4]), 6: onEveryRail(traffic.ofFamily[6]) };
  }

  cell(opener: number, answerer: number, rules: Cell["rules"]): Cell {
    const one = this.#kinds.all[opener];
    const other = this.#kinds.all[answerer];
    const families = ([4, 6] as const).filter((family) =>
      one === other ? one?.meetsItself.has(family) : hasBoth(one, other, family),
    );
    return this.#decide(families, rules);
  }

  /** With an answerer of both families. */
  cellOfOthers(opener: number, rules: Cell["rules"]): Cell {
    return this.#decide([...(this.#kinds.all[opener]?.families ?? [])].sort(), rules);
  }

  #decide(families: readonly Family[], rules: Cell["rules"]): Cell {
    const numbers = (some: readonly Rule[]) => some.map((rule) => this.#numberOf(rule)).join();
    const key = `${families.join("")} ${numbers(rules.old)} ${numbers(rules.new)}`;
    const known = this.#decided.get(key);
    if (known !== undefined) return known;
    const possible = families.reduce((sum, family) => sum | this.#possible[family], 0n);
    const cell = { rules, changes: changesOf(rules, possible, this.#reachOf) };
    this.#decided.set(key, cell);
    return cell;
  }

  #numberOf(rule: Rule): number {
    const number = this.#numbers.get(rule) ?? this.#numbers.size;
    this.#numbers.set(rule, number);
    return number;
  }
}

function hasBoth(one: Kind | undefined, other: Kind | undefined, family: Family): boolean {
  return one?.families.has(family) === true && other?.families.has(family) === true;
}

function changesOf(
  rules: Cell["rules"],
  possible: Reach,
  reachOf: (rule: Rule) => Reach,
): Change[] {
  const ends = [...rules.old, ...rules.new].map(({ until }) => until);
  const days = [undefined, ...[...new Set(ends.filter((end) => end !== undefined))].sort()];
  const changes: Change[] = [];
  let before = { gained: 0n, lost: 0n };
  for (const after of days) {
    const [old = 0n, young = 0n] = versions.map((version) =>
      openTo(
        rules[version].filter(({ until }) => until === undefined || until > (after ?? "")),
        reachOf,
      ),
    );
    const now = { gained: young & ~old & possible, lost: old & ~young & possible };
    const gained = now.gained & ~before.gained;
    const lost = now.lost & ~before.lost;
    if (gained !== 0n || lost !== 0n)
      changes.push({ ...(after === undefined ? {} : { after }), gained, lost });
    before = now;
  }
  return changes;
}

/** Deny wins. */
export function openTo(rules: readonly Rule[], reachOf: (rule: Rule) => Reach): Reach {
  let allowed = 0n;
  let denied = 0n;
  for (const rule of rules)
    if (rule.effect === "allow") allowed |= reachOf(rule);
    else denied |= reachOf(rule);
  return allowed & ~denied;
}
