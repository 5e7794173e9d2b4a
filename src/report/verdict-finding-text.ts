/** A finding for a terminal: what is wrong, then the packet, flow, rule or megaflow that shows it. */

import type { Megaflow } from "../datapath/megaflow.js";
import type { Flow } from "../openflow/flow.js";
import { printFlow } from "../openflow/print.js";
import type { Rule } from "../policy/checked-policy.js";
import { positionOf, printPlace } from "../text/source.js";
import type { Finding } from "../verify/verdict.js";
import { harmless } from "./columns.js";
import { describeFinding, describeOrigin, describeOutputs } from "./verdict-words.js";

export function findingLines(finding: Finding, kind: string): string[] {
  return [`  ${kind}: ${describeFinding(finding)}`, ...detailsOf(finding).map(harmless)];
}

function detailsOf(finding: Finding): string[] {
  switch (finding.kind) {
    case "leak":
    case "blackhole":
    case "stale":
    case "unexplained":
      return datapathDetails(finding);
    case "not-understood":
    case "no-offload-state":
    case "unnamed-port":
    case "dump-of-elsewhere":
      return [megaflowLine(finding.megaflow)];
    case "contradiction":
      return [megaflowLine(finding.megaflow), megaflowLine(finding.listed)];
    case "unreadable-line":
      return [`    line      ${finding.line}`];
    case "table-full":
      return finding.rules.map(ruleLine);
    case "flow-limit":
      return [];
    case "missing-flow":
      return [flowLine("flow", finding.flow), ...finding.rules.map(ruleLine)];
    case "extra-flow":
    case "way-around":
      return [flowLine("flow", finding.flow)];
    case "changed-flow":
      return [
        flowLine("should", finding.flow),
        flowLine("does", finding.found),
        ...finding.rules.map(ruleLine),
      ];
    case "foreign-flow":
      return [flowLine("flow", finding.flow), flowLine("before", finding.above)];
  }
}

type DatapathFinding = Extract<Finding, { kind: "leak" | "blackhole" | "stale" | "unexplained" }>;

function datapathDetails(finding: DatapathFinding): string[] {
  const lines = [`    packet    ${finding.packet}`];
  if (finding.actual !== undefined) {
    const withChanges = finding.kind === "stale";
    lines.push(`    should    ${describeOutputs(finding.expected, withChanges)}`);
    lines.push(`    does      ${describeOutputs(finding.actual, withChanges)}`);
  }
  if (finding.origin !== undefined) lines.push(`    origin    ${describeOrigin(finding.origin)}`);
  const last = finding.path.at(-1);
  if (last !== undefined) lines.push(`    decides   ${printFlow(last)}`);
  if (finding.stolenBy !== undefined)
    lines.push(`    because   somebody else's flow takes it: ${printFlow(finding.stolenBy)}`);
  else if (finding.agreesWithSwitch === true)
    lines.push("    because   the flows on the switch say so: install again");
  return [...lines, ...finding.rules.map(ruleLine), megaflowLine(finding.megaflow)];
}

function flowLine(word: string, flow: Flow): string {
  return `    ${word.padEnd(8)}  ${printFlow(flow)}`;
}

function ruleLine(rule: Rule): string {
  return `    rule      ${rule.text} (${printPlace(rule.span)})`;
}

function megaflowLine({ source, place }: Megaflow): string {
  const { line } = positionOf(source, place.start);
  return `    megaflow  ${source.name}:${line}: ${source.text.slice(place.start, place.end)}`;
}
