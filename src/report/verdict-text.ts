/** Verdicts for a terminal: each rule with its place in the policy, its state, and why. */

import type { Flow } from "../openflow/flow.js";
import { printFlow } from "../openflow/print.js";
import type { Rule } from "../policy/checked-policy.js";
import { positionOf, printPlace } from "../text/source.js";
import type {
  ConnectionVerdict,
  Finding,
  RailVerdict,
  RuleVerdict,
  Tally,
} from "../verify/verdict.js";
import { statesFromBest, wrongsFromBad } from "../verify/verdict.js";
import { describeTraffic } from "./megaflow-words.js";
import {
  describeFinding,
  describeOutputs,
  describeReason,
  describeState,
} from "./verdict-words.js";

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
    );
  if (verdict.elsewhere > 0)
    lines.push(
      `  ${paint("elsewhere".padEnd(stateWidth), "quiet")}  of ports that are not this bridge's: ${plural(verdict.elsewhere, "megaflow")}${hasOwn(verdict) ? "" : ", and none of its own"}`,
    );
  if (verdict.offloadListRefused !== undefined)
    lines.push(
      `  ${paint("unconfirmed".padEnd(stateWidth), "quiet")}  Open vSwitch does not list what is offloaded: ${verdict.offloadListRefused}`,
    );
  for (const [kind, findings] of byKind(verdict.findings)) {
    lines.push("");
    for (const finding of findings.slice(0, most)) lines.push(...findingLines(finding, paint));
    if (findings.length > most) lines.push(`  … and ${findings.length - most} more: ${kind}`);
  }
  return `${lines.join("\n")}\n`;
}

function hasOwn({ rules, duties, denied, findings }: RailVerdict): boolean {
  const tallies = [denied, ...[...rules, ...duties].map(({ tally }) => tally)];
  return findings.length > 0 || tallies.some(({ megaflows }) => megaflows > 0);
}

const stateWidth = 14;

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
  const software = connections.filter((connection) => connection.state !== "offloaded");
  for (const [reason, members] of byReason(software)) {
    lines.push(`${indent}${reason}`);
    for (const connection of members.slice(0, most))
      lines.push(`${indent}  ${connectionText(connection)}`);
    if (members.length > most) lines.push(`${indent}  … and ${members.length - most} more`);
  }
  return lines;
}

function isWrong(state: RuleVerdict["state"]): boolean {
  return wrongsFromBad.some((wrong) => wrong === state);
}

function connectionText({ inPort, outPorts, megaflow }: ConnectionVerdict): string {
  return `${inPort} -> ${outPorts.join(", ")}: ${describeTraffic(megaflow)} (${plural(megaflow.packets, "packet")})`;
}

function countsOf({ megaflows, packets, states }: Tally): string {
  const parts = statesFromBest
    .filter((state) => states[state] > 0)
    .map((state) => `${states[state]} ${state}`);
  return `${plural(megaflows, "megaflow")}, ${plural(packets, "packet")} (${parts.join(", ")})`;
}

function findingLines(finding: Finding, paint: Paint): string[] {
  const lines = [`  ${paint(finding.kind, "bad")}: ${describeFinding(finding)}`];
  switch (finding.kind) {
    case "leak":
    case "blackhole":
    case "stale":
    case "unexplained": {
      lines.push(`    packet    ${finding.packet}`);
      if (finding.actual !== undefined) {
        const withChanges = finding.kind === "stale";
        lines.push(`    should    ${describeOutputs(finding.expected, withChanges)}`);
        lines.push(`    does      ${describeOutputs(finding.actual, withChanges)}`);
      }
      const last = finding.path.at(-1);
      if (last !== undefined) lines.push(`    decides   ${printFlow(last)}`);
      if (finding.agreesWithSwitch === true)
        lines.push("    because   the flows on the switch say so: install again");
      lines.push(...finding.rules.map(ruleLine), megaflowLine(finding.megaflow));
      break;
    }
    case "not-understood":
    case "no-offload-state":
    case "unnamed-port":
    case "dump-of-elsewhere":
      lines.push(megaflowLine(finding.megaflow));
      break;
    case "contradiction":
      lines.push(megaflowLine(finding.megaflow), megaflowLine(finding.listed));
      break;
    case "unreadable-line":
      lines.push(`    line      ${finding.line}`);
      break;
    case "missing-flow":
      lines.push(flowLine("flow", finding.flow), ...finding.rules.map(ruleLine));
      break;
    case "extra-flow":
    case "way-around":
      lines.push(flowLine("flow", finding.flow));
      break;
    case "changed-flow":
      lines.push(flowLine("should", finding.flow), flowLine("does", finding.found));
      lines.push(...finding.rules.map(ruleLine));
      break;
    case "foreign-flow":
      lines.push(flowLine("flow", finding.flow), flowLine("before", finding.above));
      break;
  }
  return lines;
}

function flowLine(word: string, flow: Flow): string {
  return `    ${word.padEnd(8)}  ${printFlow(flow)}`;
}

function ruleLine(rule: Rule): string {
  return `    rule      ${rule.text} (${printPlace(rule.span)})`;
}

function megaflowLine({ source, place }: ConnectionVerdict["megaflow"]): string {
  const { line } = positionOf(source, place.start);
  return `    megaflow  ${source.name}:${line}: ${source.text.slice(place.start, place.end)}`;
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

function byReason(connections: readonly ConnectionVerdict[]): Map<string, ConnectionVerdict[]> {
  const groups = new Map<string, ConnectionVerdict[]>();
  for (const connection of connections) {
    const { reason, state } = connection;
    const words = reason === undefined ? describeState(state) : describeReason(reason);
    const group = groups.get(words) ?? [];
    group.push(connection);
    groups.set(words, group);
  }
  return groups;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
