/** The difference of two policies for a terminal. */

import type { CheckedPolicy } from "../policy/checked-policy.js";
import type { Cause } from "../policy/reachability/causes.js";
import { isSameReach } from "../policy/reachability/compare-policies.js";
import type { ReachEntry } from "../policy/reachability/entry.js";
import type { OtherChange } from "../policy/reachability/other-changes.js";
import type { PolicyDifference } from "../policy/reachability/policy-difference.js";
import { printPlace } from "../text/source.js";
import type { RailChange } from "../verify/cost/rail-change.js";
import { harmless } from "./columns.js";
import {
  countFlows,
  describeCause,
  describeCost,
  describeEntry,
  describeOther,
  describeSides,
} from "./difference-words.js";

export interface DifferenceTextOptions {
  /** With ANSI escapes. */
  readonly colour?: boolean;
}

/** Rules behind one entry that are shown; all are in JSON. */
const mostCauses = 6;

const sameWords = "the two policies allow the same";

type Paint = (code: number, text: string) => string;

export function printDifference(
  difference: PolicyDifference,
  flows?: readonly RailChange[],
  { colour = false }: DifferenceTextOptions = {},
): string {
  const paint: Paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const { reach, others, old, new: young } = difference;
  const lines: string[] = [];
  if (isSameReach(reach)) lines.push(sameWords);
  else {
    lines.push(headline(reach));
    lines.push(...entryLines(reach, { old, new: young }, paint));
    for (const { after, gained, lost } of reach.later) {
      lines.push("", `after ${after}: ${headline({ gained, lost })}`);
      lines.push(...entryLines({ gained, lost }, { old, new: young }, paint));
    }
  }
  if (flows !== undefined)
    lines.push("", "flows:", ...flows.map((one) => `  ${countFlows(one)}; ${describeCost(one)}`));
  if (others.length > 0) lines.push("", "also changed:", ...others.flatMap(otherLines));
  return `${lines.join("\n")}\n`;
}

function otherLines(change: OtherChange): string[] {
  const { words, text, places } = describeOther(change);
  const line = `  ${words} ${harmless(text)}`.trimEnd();
  return places.length === 0 ? [line] : [line, `      ${harmless(places.join(" -> "))}`];
}

interface Entries {
  readonly gained: readonly ReachEntry[];
  readonly lost: readonly ReachEntry[];
}

function headline({ gained, lost }: Entries): string {
  return `reachability: ${gained.length} gained, ${lost.length} lost`;
}

function entryLines(
  { gained, lost }: Entries,
  policies: { readonly old: CheckedPolicy; readonly new: CheckedPolicy },
  paint: Paint,
): string[] {
  const ofOne = (entry: ReachEntry, sign: string, rails: readonly string[], code: number) => [
    "",
    paint(code, `  ${sign} ${harmless(describeEntry(entry, rails))}`),
    ...entry.except.map((pair) => paint(code, `    except ${harmless(describeSides(pair))}`)),
    ...causeLines(entry.causes),
  ];
  return [
    ...gained.flatMap((entry) => ofOne(entry, "+", policies.new.rails, 32)),
    ...lost.flatMap((entry) => ofOne(entry, "-", policies.old.rails, 31)),
  ];
}

function causeLines(causes: readonly Cause[]): string[] {
  const shown = causes.slice(0, mostCauses);
  const lines = shown.flatMap((cause) => [
    `      ${describeCause(cause)} ${harmless(cause.rule.text)}`,
    `        ${harmless(printPlace(cause.rule.span))}`,
  ]);
  const more = causes.length - shown.length;
  return more === 0 ? lines : [...lines, `      and by ${more} more`];
}
