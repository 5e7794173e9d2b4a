/**
 * Where a connection is seen and where its sides stand: a bridge sees its own rail's endpoints talk with each other,
 * with addresses that stand on no rail, and with endpoints of another rail. Rules treat the first two alike, and the
 * third alike whichever side is the one that stands elsewhere.
 */

import type { Rule } from "../checked-policy.js";

export interface RailView {
  /** Whose bridge sees it. */
  readonly rail: string;
  /** Where one of the sides stands; `rail` itself where neither stands elsewhere. */
  readonly other: string;
}

/** Views that the rules of both policies treat alike. */
export type RailClass = readonly RailView[];

export function railClasses(rails: readonly string[], rules: readonly Rule[]): RailClass[] {
  const shapes = [...new Map(rules.map((rule) => [railShape(rule), rule])).values()];
  const classes = new Map<string, RailView[]>();
  for (const rail of rails)
    for (const other of rails) {
      const view = { rail, other };
      const key = shapes.map((rule) => (coversView(rule, view) ? "1" : "0")).join("");
      const known = classes.get(key);
      if (known === undefined) classes.set(key, [view]);
      else known.push(view);
    }
  return [...classes.values()];
}

/** As `reaches` of the reference meaning: a deny cuts wherever a side stands, an allow where it says so. */
export function coversView(rule: Rule, { rail, other }: RailView): boolean {
  if (!rule.rails.includes(rail)) return false;
  if (rule.effect === "deny" || other === rail) return true;
  return rule.acrossRails && rule.rails.includes(other);
}

/** All of a rule that decides which views it covers. */
export function railShape(rule: Rule): string {
  const isAcross = rule.effect === "deny" || rule.acrossRails;
  return `${rule.effect} ${isAcross} ${rule.rails.join(",")}`;
}
