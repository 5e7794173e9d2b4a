/** Verdicts for a terminal: each rule with its place in the policy, its state, and why. */

import { printPlace } from "../text/source.js";
import type {
  ConnectionVerdict,
  Finding,
  RailVerdict,
  RuleVerdict,
  Tally,
} from "../verify/verdict.js";
import { statesFromBest, wrongsFromBad } from "../verify/verdict.js";
import { harmless } from "./columns.js";
import { describeTraffic } from "./megaflow-words.js";
import { findingLines } from "./verdict-finding-text.js";
import { describeConfirmation, describeExhibit, describeReason } from "./verdict-reason-words.js";
import { describeState } from "./verdict-words.js";

export interface VerdictTextOptions {
  /** Says a word in a colour, or as it is. */
  readonly paint?: (word: string, tone: Tone) => string;
}

export type Tone = "good" | "bad" | "quiet";

/** Most findings of one kind, and most connections of one rule, that are shown; JSON has all. */
const most = 10;

export function printVerdicts(
  verdicts: readonly RailVerdict[],
  options: VerdictTextOptions = {},
): string {
  const paint = options.paint ?? ((word) => word);
  return verdicts.map((verdict) => printVerdict(verdict, paint)).join("\n");
}

type Paint = NonNullable<VerdictTextOptions["paint"]>;

function printVerdict(verdict: RailVerdict, paint: Paint): string {
  const lines = [`${verdict.node} ${verdict.rail} (${verdict.bridge}): ${summaryOf(verdict)}`, ""];
  for (const rule of verdict.rules) lines.push(...ruleLines(rule, paint));
  for (const { duty, tally } of verdict.duties)
    lines.push(`  ${paint("fence".padEnd(stateWidth), "quiet")}  ${duty}: ${countsOf(tally)}`);
  if (verdict.denied.megaflows > 0)
    lines.push(
      `  ${paint("denied".padEnd(stateWidth), "quiet")}  what no rule allows: ${countsOf(verdict.denied)}`,
      ...reasonLines(verdict.deniedOutside, paint),
    );
  if (verdict.elsewhere > 0)
    lines.push(
      `  ${paint("elsewhere".padEnd(stateWidth), "quiet")}  of ports that are not this bridge's: ${plural(verdict.elsewhere, "megaflow")}${hasOwn(verdict) ? "" : ", and none of its own"}`,
    );
  for (const [word, text] of unconfirmedBy(verdict))
    lines.push(`  ${paint(word.padEnd(stateWidth), "quiet")}  ${text}`);
  for (const [kind, findings] of byKind(verdict.findings)) {
    lines.push("");
    for (const finding of findings.slice(0, most))
      lines.push(...findingLines(finding, paint(kind, "bad")));
    if (findings.length > most) lines.push(`  … and ${findings.length - most} more: ${kind}`);
  }
  return `${lines.join("\n")}\n`;
}

function hasOwn({ rules, duties, denied, findings }: RailVerdict): boolean {
  const tallies = [denied, ...[...rules, ...duties].map(({ tally }) => tally)];
  return findings.length > 0 || tallies.some(({ megaflows }) => megaflows > 0);
}

const stateWidth = 14;

/** What keeps the verdict from being surer than it is. */
function unconfirmedBy(verdict: RailVerdict): [string, string][] {
  const { rules, offloadListRefused, otherFilters, unread } = verdict;
  const lines: [string, string][] = [];
  if (otherFilters !== undefined)
    lines.push([
      "log",
      `ovs-vswitchd says that the kernel took another filter than it asked for (${otherFilters.times} ${otherFilters.times === 1 ? "time" : "times"}); what is judged here is what the kernel has: ${harmless(otherFilters.lastLine)}`,
    ]);
  if (offloadListRefused !== undefined)
    lines.push([
      "unconfirmed",
      `Open vSwitch does not list what is offloaded: ${offloadListRefused}`,
    ]);
  const notAsked = rules
    .flatMap(({ connections }) => connections)
    .find(
      ({ confirmation }) => confirmation?.kind === "open" && confirmation.because === "not-asked",
    );
  if (notAsked !== undefined)
    lines.push([
      "unconfirmed",
      "what is offloaded: the dump alone does not have the NIC's counters",
    ]);
  const reasons = new Map<string, string[]>();
  for (const { what, why } of unread) reasons.set(why, [...(reasons.get(why) ?? []), what]);
  for (const [why, parts] of reasons) {
    const few = parts.slice(0, 4).join(", ");
    lines.push([
      "unread",
      `${few}${parts.length > 4 ? ` and ${parts.length - 4} more` : ""}: ${why}`,
    ]);
  }
  return lines;
}

function summaryOf({ rules, findings }: RailVerdict): string {
  const states = [...wrongsFromBad.toReversed(), ...statesFromBest.toReversed(), "idle" as const];
  const counts = states
    .map((state) => [state, rules.filter((rule) => rule.state === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`);
  const wrong = findings.length === 0 ? "" : `; ${plural(findings.length, "finding")}`;
  return `${plural(rules.length, "rule")}${counts.length === 0 ? "" : `: ${counts.join(", ")}`}${wrong}`;
}

function ruleLines(verdict: RuleVerdict, paint: Paint): string[] {
  const { state, rule, tally, connections } = verdict;
  const tone = state === "offloaded" ? "good" : state === "idle" ? "quiet" : "bad";
  const indent = " ".repeat(stateWidth + 4);
  const lines = [
    `  ${paint(state.padEnd(stateWidth), tone)}  ${rule.text}`,
    `${indent}${paint(printPlace(rule.span), "quiet")}`,
  ];
  if (state === "idle") return [...lines, `${indent}${describeState(state)}`];
  if (isWrong(state)) lines.push(`${indent}${describeState(state)}`);
  if (tally.megaflows > 0) lines.push(`${indent}${countsOf(tally)}`);
  lines.push(
    ...reasonLines(
      connections.filter((connection) => connection.state !== "offloaded"),
      paint,
    ),
  );
  for (const [words, members] of byWords(connections, openWords))
    lines.push(`${indent}${plural(members.length, "megaflow")} ${words}`);
  return lines;
}

/** Why these are not in hardware, those with the same reason together. */
function reasonLines(outside: readonly ConnectionVerdict[], paint: Paint): string[] {
  const indent = " ".repeat(stateWidth + 4);
  const lines: string[] = [];
  for (const [reason, members] of byWords(outside, reasonWords)) {
    lines.push(`${indent}${reason}`);
    // one of them stands for all: they differ in ports and times at most
    for (const exhibit of members[0]?.reason?.evidence ?? [])
      lines.push(`${indent}  ${paint("evidence:", "quiet")} ${harmless(describeExhibit(exhibit))}`);
    for (const connection of members.slice(0, most))
      lines.push(`${indent}  ${connectionText(connection)}`);
    if (members.length > most) lines.push(`${indent}  … and ${members.length - most} more`);
  }
  return lines;
}

function reasonWords({ reason, state }: ConnectionVerdict): string {
  return reason === undefined ? describeState(state) : describeReason(reason);
}

/** Why an offloaded one is not confirmed, where it is a matter of this megaflow and not of the whole dump. */
function openWords({ state, confirmation }: ConnectionVerdict): string | undefined {
  if (state !== "offloaded" || confirmation?.kind !== "open") return undefined;
  const ofAll = ["not-asked", "unreadable"].includes(confirmation.because);
  return ofAll ? undefined : describeConfirmation(confirmation);
}

function isWrong(state: RuleVerdict["state"]): boolean {
  return wrongsFromBad.some((wrong) => wrong === state);
}

function connectionText({ inPort, outPorts, megaflow }: ConnectionVerdict): string {
  return `${inPort} -> ${outPorts.join(", ") || "drop"}: ${describeTraffic(megaflow)} (${plural(megaflow.packets, "packet")})`;
}

function countsOf({ megaflows, packets, states, confirmed }: Tally): string {
  const parts = statesFromBest
    .filter((state) => states[state] > 0)
    .map((state) => `${states[state]} ${state}`);
  if (confirmed > 0) parts.splice(1, 0, `${confirmed} confirmed by the NIC`);
  return `${plural(megaflows, "megaflow")}, ${plural(packets, "packet")} (${parts.join(", ")})`;
}

function byKind(findings: readonly Finding[]): Map<string, Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.kind) ?? [];
    group.push(finding);
    groups.set(finding.kind, group);
  }
  return groups;
}

function byWords(
  connections: readonly ConnectionVerdict[],
  wordsOf: (connection: ConnectionVerdict) => string | undefined,
): Map<string, ConnectionVerdict[]> {
  const groups = new Map<string, ConnectionVerdict[]>();
  for (const connection of connections) {
    const words = wordsOf(connection);
    if (words === undefined) continue;
    const group = groups.get(words) ?? [];
    group.push(connection);
    groups.set(words, group);
  }
  return groups;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
