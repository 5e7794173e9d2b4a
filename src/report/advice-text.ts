/** What would make a rail cheaper, for a terminal: what to do, what it saves, and what it means for who may reach whom. */

import { printIntervals } from "../net/interval-set.js";
import type { ReachEntry } from "../policy/reachability/entry.js";
import { printPlace } from "../text/source.js";
import type { Advice } from "../verify/cost/advice.js";
import type { Tally } from "../verify/cost/cost.js";
import type { OtherSentences } from "../verify/cost/separations.js";
import { harmless } from "./columns.js";
import { describeEntry, describeSides } from "./difference-words.js";
import { tallyText } from "./tally-text.js";

/** Lines of what is opened or closed that are shown; JSON has all. */
const mostLines = 4;

/** `now` is what legitimate traffic costs. */
export function adviceLines(advice: Advice, now: Tally): string[] {
  const before = advice.kind === "ports" ? advice.before : now;
  const lines = [
    `  advice: ${adviceText(advice)}: ${before.megaflows} -> ${tallyText(advice.after)}`,
  ];
  switch (advice.kind) {
    case "trust":
    case "ports":
      return lines;
    case "align":
      for (const { tenant, blocks } of advice.tenants)
        lines.push(`    ${tenant}: ${blocks.join(", ")}`);
      return lines;
    case "open":
      return [...lines, ...sentenceLines(advice), ...reachLines(advice)];
    case "separate": {
      const { others, after } = advice;
      if (others !== undefined)
        lines.push(
          `    what is left costs ${others.megaflows - after.megaflows} less than it does beside that: ${others.megaflows} -> ${tallyText(after)}`,
        );
      return [...lines, ...sentenceLines(advice), ...reachLines(advice)];
    }
  }
}

function adviceText(advice: Advice): string {
  switch (advice.kind) {
    case "align":
      return "give each tenant one block of addresses, each node's own in a block inside it";
    case "trust":
      return "`uplinkSource: trust`, so that sources are not checked again on arrival";
    case "ports": {
      const ranges = advice.ranges.map(
        ({ from, to }) => `${printIntervals([to])} in place of ${printIntervals([from])}`,
      );
      return `ports ${ranges.join(", ")} for ${advice.service}, if you can allow more, with every port`;
    }
    case "open":
      return `every service in place of those that ${placesOf(advice)} names, if you can allow it`;
    case "separate":
      return advice.others === undefined
        ? `say what ${placesOf(advice)} ${advice.rules.length === 1 ? "says" : "say"} in other sentences, which mean the same`
        : `keep what ${placesOf(advice)} says apart, if you can do without it here`;
  }
}

function placesOf({ rules }: OtherSentences): string {
  const places = rules.map(({ span }) => harmless(printPlace(span)));
  const last = places.at(-1) ?? "";
  return places.length < 2 ? last : `${places.slice(0, -1).join(", ")} and ${last}`;
}

function sentenceLines({ sentences }: OtherSentences): string[] {
  if (sentences.length === 0) return ["    leave it out: other sentences say all of it"];
  return [
    "    write",
    ...sentences.flatMap((one) => one.split("\n")).map((line) => `      ${harmless(line)}`),
  ];
}

function reachLines(advice: OtherSentences): string[] {
  const { opens, closes } = meaningLines(advice);
  const some = (way: string, lines: readonly string[]) => [
    ...lines.slice(0, mostLines).map((line) => `    ${way} ${harmless(line)}`),
    ...(lines.length > mostLines ? [`    ${way} ${lines.length - mostLines} more`] : []),
  ];
  return [...some("opens", opens), ...some("closes", closes)];
}

/** Who may reach whom then and could not, and who may no longer. */
export function meaningLines({ reach }: OtherSentences): { opens: string[]; closes: string[] } {
  const line = (entry: ReachEntry) =>
    // of no rails, so that each is named
    [describeEntry(entry, []), ...entry.except.map((pair) => `except ${describeSides(pair)}`)].join(
      ", ",
    );
  return { opens: reach.gained.map(line), closes: reach.lost.map(line) };
}
