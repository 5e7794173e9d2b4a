/** The rules that made the difference: what opened or closed the connections of an entry. */

import type { Rule } from "../checked-policy.js";
import { compareSpans } from "../report.js";
import { type Version, versions } from "./atom.js";
import type { Cell, Reach } from "./judge.js";

export interface Cause {
  readonly how:
    | "allows"
    | "no-longer-allows"
    | "denies"
    | "no-longer-denies"
    /** Only of what begins to differ later: it holds no more then. */
    | "ends";
  readonly version: Version;
  readonly rule: Rule;
}

/** Of cells that gain, or lose, all of `reach` on the day after `after`; today, where there is none. */
export function causesOf(
  way: "gained" | "lost",
  cells: Iterable<Cell>,
  reach: Reach,
  after: string | undefined,
  reachOf: (rule: Rule) => Reach,
): Cause[] {
  const causes = new Map<string, Cause>();
  for (const cell of cells)
    for (const cause of causesIn(way, cell, reach, after, reachOf)) {
      const { how, version, rule } = cause;
      causes.set(`${how} ${version} ${rule.id}`, cause);
    }
  return [...causes.values()].sort(
    (one, other) =>
      versions.indexOf(one.version) - versions.indexOf(other.version) ||
      compareSpans(one.rule.span, other.rule.span),
  );
}

function causesIn(
  way: "gained" | "lost",
  { rules }: Cell,
  reach: Reach,
  after: string | undefined,
  reachOf: (rule: Rule) => Reach,
): Cause[] {
  // gained: closed in the old policy, open in the new one; lost: the other way about
  const [closed, open]: [Version, Version] = way === "gained" ? ["old", "new"] : ["new", "old"];
  const [opens, denial]: [Cause["how"], Cause["how"]] =
    way === "gained" ? ["allows", "no-longer-denies"] : ["no-longer-allows", "denies"];
  const holds = ({ until }: Rule) => after === undefined || until === undefined || until > after;
  const speaking = (version: Version, effect: Rule["effect"], share: Reach) =>
    rules[version].filter((rule) => rule.effect === effect && (reachOf(rule) & share) !== 0n);
  const allowed = speaking(closed, "allow", reach).filter(holds);
  const notAllowed = allowed.reduce((left, rule) => left & ~reachOf(rule), reach);
  const causes: Cause[] = [];
  const add = (how: Cause["how"], version: Version, some: readonly Rule[]) => {
    for (const rule of some) causes.push({ how, version, rule });
  };
  if (notAllowed !== 0n) {
    add(opens, open, speaking(open, "allow", notAllowed).filter(holds));
    add(
      "ends",
      closed,
      speaking(closed, "allow", notAllowed).filter((rule) => !holds(rule)),
    );
  }
  const denials = speaking(closed, "deny", reach).filter(holds);
  add(denial, closed, denials);
  // what ends on that very day held it back until then, whatever the other policy says of it
  add(
    "ends",
    open,
    speaking(open, "deny", reach).filter(({ until }) => until !== undefined && until === after),
  );
  return causes;
}
