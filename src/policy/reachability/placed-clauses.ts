/** The clauses of two policies over the kinds of both, and where the two say something else. */

import type { Rule } from "../checked-policy.js";
import { type Version, versions } from "./atom.js";
import type { Extent, Kinds } from "./kinds.js";
import type { TwoPolicies } from "./pod-atoms.js";
import { railShape } from "./rail-views.js";
import type { TrafficAtoms } from "./traffic-atoms.js";

export interface PlacedClause {
  readonly rule: Rule;
  readonly opener: Extent;
  readonly answerer: Extent;
  /** The same for clauses that say the same, whatever their rules are called. */
  readonly meaning: number;
}

export type Clauses = { readonly [version in Version]: readonly PlacedClause[] };

export function clausesOf(policies: TwoPolicies, kinds: Kinds, traffic: TrafficAtoms): Clauses {
  const shapes = new Map<string, number>();
  // no extent has a higher number than there are clauses in both
  const clauseCount = versions
    .flatMap((version) => policies[version].rules)
    .reduce((sum, rule) => sum + rule.clauses.length, 0);
  const stride = 2 * clauseCount + 2;
  const placed = (version: Version) =>
    policies[version].rules.flatMap((rule) => {
      const text = `${railShape(rule)} ${traffic.piecesOf(rule)} ${rule.until ?? ""}`;
      const shape = shapes.get(text) ?? shapes.size;
      shapes.set(text, shape);
      return rule.clauses.map((clause): PlacedClause => {
        const opener = kinds.extentOf(version, clause.opener);
        const answerer = kinds.extentOf(version, clause.answerer);
        const meaning = (shape * stride + opener.number) * stride + answerer.number;
        return { rule, opener, answerer, meaning };
      });
    });
  return { old: placed("old"), new: placed("new") };
}

/** For every opener the answerers of whom some clause speaks in one policy only. */
export type Touched = ReadonlyMap<number, ReadonlySet<number> | "everybody">;

export function touchedPairs(clauses: Clauses): Touched {
  const meanings = {
    old: new Set(clauses.old.map(({ meaning }) => meaning)),
    new: new Set(clauses.new.map(({ meaning }) => meaning)),
  };
  const changed = [
    ...clauses.old.filter(({ meaning }) => !meanings.new.has(meaning)),
    ...clauses.new.filter(({ meaning }) => !meanings.old.has(meaning)),
  ];
  const touched = new Map<number, Set<number> | "everybody">();
  for (const { opener, answerer } of changed)
    for (const kind of opener.kinds) {
      const known = touched.get(kind);
      if (known === "everybody") continue;
      if (answerer.isEverything) touched.set(kind, "everybody");
      else if (known === undefined) touched.set(kind, new Set(answerer.kinds));
      else for (const other of answerer.kinds) known.add(other);
    }
  return touched;
}
