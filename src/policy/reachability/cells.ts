/**
 * Where two policies differ: for every pair of kinds, on what rails and in what traffic. Only pairs are looked at of
 * which some rule speaks otherwise than before, and pairs with the same rules are decided once.
 */

import type { Rule } from "../checked-policy.js";
import { type Version, versions } from "./atom.js";
import { type Cell, Judge, type Reach } from "./judge.js";
import { type Kinds, kindsOf } from "./kinds.js";
import {
  type Clauses,
  clausesOf,
  type PlacedClause,
  type Touched,
  touchedPairs,
} from "./placed-clauses.js";
import type { TwoPolicies } from "./pod-atoms.js";
import { coversView, type RailClass, railClasses } from "./rail-views.js";
import { type TrafficAtoms, trafficAtoms } from "./traffic-atoms.js";

/** Cells of one opener. Every answerer that is not in `cells` has `others`. */
export interface Row {
  readonly opener: number;
  readonly cells: ReadonlyMap<number, Cell>;
  readonly others?: Cell;
}

export interface Comparison {
  readonly kinds: Kinds;
  readonly traffic: TrafficAtoms;
  readonly rails: readonly RailClass[];
  readonly rows: readonly Row[];
  reachOf(rule: Rule): Reach;
}

/** @throws {TooManyKinds} */
export function compareCells(policies: TwoPolicies): Comparison {
  const rules = versions.flatMap((version) => policies[version].rules);
  const kinds = kindsOf(policies);
  const traffic = trafficAtoms(rules);
  const everyRail = new Set(versions.flatMap((version) => policies[version].rails));
  const rails = railClasses([...everyRail].sort(), rules);
  const reaches = new Map(rules.map((rule) => [rule, reachOfRule(rule, rails, traffic)]));
  const reachOf = (rule: Rule) => reaches.get(rule) as Reach;
  const clauses = clausesOf(policies, kinds, traffic);
  const touched = touchedPairs(clauses);
  const judge = new Judge(kinds, rails, traffic, reachOf);
  const rows = rowsOf(clauses, touched, kinds, judge);
  return { kinds, traffic, rails, rows, reachOf };
}

function reachOfRule(rule: Rule, rails: readonly RailClass[], traffic: TrafficAtoms): Reach {
  const pieces = traffic.piecesOf(rule);
  let reach = 0n;
  for (const [number, [view]] of rails.entries())
    if (view !== undefined && coversView(rule, view))
      reach |= pieces << BigInt(number * traffic.count);
  return reach;
}

function rowsOf(clauses: Clauses, touched: Touched, kinds: Kinds, judge: Judge): Row[] {
  const byOpener = { old: new Map(), new: new Map() } as {
    readonly [version in Version]: Map<number, PlacedClause[]>;
  };
  for (const version of versions)
    for (const clause of clauses[version])
      for (const kind of clause.opener.kinds) {
        if (!touched.has(kind)) continue;
        const known = byOpener[version].get(kind);
        if (known === undefined) byOpener[version].set(kind, [clause]);
        else known.push(clause);
      }
  const rows: Row[] = [];
  for (const [opener, wanted] of [...touched].sort(([one], [other]) => one - other)) {
    const speaking = {
      old: speakingTo(byOpener.old.get(opener) ?? []),
      new: speakingTo(byOpener.new.get(opener) ?? []),
    };
    const named = new Set([...speaking.old.named.keys(), ...speaking.new.named.keys()]);
    const cells = new Map<number, Cell>();
    const decide = (answerer: number) => {
      const cell = judge.cell(opener, answerer, {
        old: speaking.old.named.get(answerer) ?? speaking.old.toEverybody,
        new: speaking.new.named.get(answerer) ?? speaking.new.toEverybody,
      });
      cells.set(answerer, cell);
    };
    if (wanted !== "everybody") {
      for (const answerer of wanted) decide(answerer);
      rows.push({ opener, cells });
      continue;
    }
    // kinds that lack a family, or cannot meet themselves, may differ from the others
    for (const [kind, { families, meetsItself }] of kinds.all.entries())
      if (families.size < 2 || (kind === opener && meetsItself.size < 2)) named.add(kind);
    for (const answerer of named) decide(answerer);
    const others = judge.cellOfOthers(opener, {
      old: speaking.old.toEverybody,
      new: speaking.new.toEverybody,
    });
    rows.push({ opener, cells, others });
  }
  return rows;
}

interface Speaking {
  /** Rules about each answerer that some clause names, those about everybody too. */
  readonly named: ReadonlyMap<number, readonly Rule[]>;
  readonly toEverybody: readonly Rule[];
}

function speakingTo(clauses: readonly PlacedClause[]): Speaking {
  const toEverybody = [
    ...new Set(clauses.filter(({ answerer }) => answerer.isEverything).map(({ rule }) => rule)),
  ];
  const named = new Map<number, Rule[]>();
  for (const { rule, answerer } of clauses) {
    if (answerer.isEverything) continue;
    for (const kind of answerer.kinds) {
      const known = named.get(kind);
      if (known === undefined) named.set(kind, [...toEverybody, rule]);
      else if (!known.includes(rule)) known.push(rule);
    }
  }
  return { named, toEverybody };
}
