/** The difference of two policies as Markdown: what a pull request shows its reviewers. */

import { isSameReach } from "../policy/reachability/compare-policies.js";
import type { ReachEntry } from "../policy/reachability/entry.js";
import type { PolicyDifference } from "../policy/reachability/policy-difference.js";
import { printPlace } from "../text/source.js";
import type { RailChange } from "../verify/cost/rail-change.js";
import { harmless } from "./columns.js";
import {
  counted,
  describeCause,
  describeOther,
  describeRails,
  describeServices,
  describeSides,
} from "./difference-words.js";

/** Rules behind one entry that are shown; all are in JSON. */
const mostCauses = 6;

interface Entries {
  readonly gained: readonly ReachEntry[];
  readonly lost: readonly ReachEntry[];
}

export function printDifferenceMarkdown(
  difference: PolicyDifference,
  flows?: readonly RailChange[],
): string {
  const { reach, others } = difference;
  const lines = isSameReach(reach)
    ? ["### The two policies allow the same"]
    : [`### ${headline(reach)}`, ...table(reach, difference)];
  for (const { after, ...entries } of reach.later)
    lines.push("", `### After ${after}: ${headline(entries)}`, ...table(entries, difference));
  if (flows !== undefined) lines.push("", ...flowTable(flows));
  if (others.length > 0)
    lines.push(
      "",
      `<details><summary>${counted(others.length, "other change")}</summary>`,
      "",
      ...others.map((change) => {
        const { words, text, places } = describeOther(change);
        return `- ${words}${text === "" ? "" : ` ${code(text)}`} (${places.map(code).join(", ")})`;
      }),
      "",
      "</details>",
    );
  return `${lines.join("\n")}\n`;
}

function flowTable(flows: readonly RailChange[]): string[] {
  return [
    "| node | rail | flows added | changed | deleted | unchanged | megaflows | masks |",
    "| --- | --- | --: | --: | --: | --: | --: | --: |",
    ...flows.map(({ node, rail, added, changed, deleted, unchanged, cost }) => {
      const counts = [added.length, changed.length, deleted.length, unchanged];
      const costs = [
        becomes(cost.before.megaflows, cost.after.megaflows),
        becomes(cost.before.masks, cost.after.masks),
      ];
      return `| ${[code(node), code(rail), ...counts, ...costs].join(" | ")} |`;
    }),
  ];
}

function becomes(before: number, after: number): string {
  return before === after ? `${after}` : `${before} → ${after}`;
}

function headline({ gained, lost }: Entries): string {
  return `Reachability: ${gained.length} gained, ${lost.length} lost`;
}

function table(
  { gained, lost }: Entries,
  { old, new: young }: Pick<PolicyDifference, "old" | "new">,
): string[] {
  if (gained.length + lost.length === 0) return [];
  return [
    "",
    "| | who | service | rails | why |",
    "| --- | --- | --- | --- | --- |",
    ...gained.map((entry) => row("gained", entry, young.rails)),
    ...lost.map((entry) => row("**lost**", entry, old.rails)),
  ];
}

function row(sign: string, entry: ReachEntry, rails: readonly string[]): string {
  const who = [
    code(describeSides(entry)),
    ...entry.except.map((pair) => `except ${code(describeSides(pair))}`),
  ];
  const shown = entry.causes
    .slice(0, mostCauses)
    .map(
      (cause) =>
        `${describeCause(cause)} ${code(cause.rule.text)} (${code(printPlace(cause.rule.span))})`,
    );
  const more = entry.causes.length - shown.length;
  const why = more === 0 ? shown : [...shown, `and by ${more} more`];
  const cells = [
    sign,
    who.join("<br>"),
    code(describeServices(entry)),
    describeRails(entry.rails, rails).replace(/^on /, ""),
    why.join("<br>"),
  ];
  return `| ${cells.join(" | ")} |`;
}

/**
 * As a code span that no text of a policy can end: the fence is longer than any run of backticks inside, and a bar is
 * escaped, which GitHub's tables take back inside of code too (GFM, section 4.10).
 */
function code(text: string): string {
  const shown = harmless(text).replaceAll("|", "\\|");
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const gap = longest > 0 ? " " : "";
  return `${fence}${gap}${shown}${gap}${fence}`;
}
