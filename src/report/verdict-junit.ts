/** Verdicts as JUnit XML, for CI: a suite for each rail, a case for each rule, and one for what should not be. */

import { printPlace } from "../text/source.js";
import type { Finding, RailVerdict, RuleVerdict } from "../verify/verdict.js";
import { describeTraffic } from "./megaflow-words.js";
import { describeExhibit, describeReason } from "./verdict-reason-words.js";
import { describeFinding, describeState } from "./verdict-words.js";

export function printVerdictJunit(verdicts: readonly RailVerdict[]): string {
  const suites = verdicts.map(suiteOf);
  const total = (key: "tests" | "failures" | "skipped") =>
    suites.reduce((sum, suite) => sum + suite[key], 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="railfence verify" tests="${total("tests")}" failures="${total("failures")}" skipped="${total("skipped")}">`,
    ...suites.flatMap(({ lines }) => lines),
    "</testsuites>",
    "",
  ].join("\n");
}

interface Suite {
  readonly lines: readonly string[];
  readonly tests: number;
  readonly failures: number;
  readonly skipped: number;
}

function suiteOf(verdict: RailVerdict): Suite {
  const { node, rail, rules, findings } = verdict;
  const className = `${node}.${rail}`;
  const skipped = rules.filter(({ state }) => state === "idle").length;
  const software = rules.filter(({ state }) => state !== "idle" && state !== "offloaded").length;
  const failures = software + (findings.length > 0 ? 1 : 0);
  const tests = rules.length + 1;
  return {
    tests,
    failures,
    skipped,
    lines: [
      `  <testsuite name="${escapeXml(className)}" tests="${tests}" failures="${failures}" errors="0" skipped="${skipped}">`,
      ...rules.flatMap((rule) => ruleCase(rule, className)),
      ...findingsCase(findings, className),
      "  </testsuite>",
    ],
  };
}

function ruleCase({ rule, state, connections }: RuleVerdict, className: string): string[] {
  const head = `    <testcase classname="${escapeXml(className)}" name="${escapeXml(rule.text)}" file="${escapeXml(rule.span.source.name)}"`;
  if (state === "offloaded") return [`${head}/>`];
  if (state === "idle")
    return [
      `${head}>`,
      `      <skipped message="${escapeXml(describeState(state))}"/>`,
      "    </testcase>",
    ];
  const lines = connections
    .filter((connection) => connection.state !== "offloaded")
    .map(({ megaflow, state, inPort, reason }) => {
      const why = reason === undefined ? describeState(state) : describeReason(reason);
      const evidence = (reason?.evidence ?? []).map((exhibit) => ` (${describeExhibit(exhibit)})`);
      return `${inPort}: ${describeTraffic(megaflow)}: ${state}: ${why}${evidence.join("")}`;
    });
  const text = [printPlace(rule.span), ...lines].join("\n");
  return [
    `${head}>`,
    `      <failure type="${state}" message="${escapeXml(describeState(state))}">${escapeXml(text)}</failure>`,
    "    </testcase>",
  ];
}

function findingsCase(findings: readonly Finding[], className: string): string[] {
  const head = `    <testcase classname="${escapeXml(className)}" name="the switch does what the policy says"`;
  const [first] = findings;
  if (first === undefined) return [`${head}/>`];
  const text = findings.map(findingText).join("\n");
  return [
    `${head}>`,
    `      <failure type="${first.kind}" message="${escapeXml(describeFinding(first))}">${escapeXml(text)}</failure>`,
    "    </testcase>",
  ];
}

function findingText(finding: Finding): string {
  const packet = "packet" in finding ? `: ${finding.packet}` : "";
  return `${finding.kind}: ${describeFinding(finding)}${packet}`;
}

/** XML 1.0, section 2.2: most control characters may not stand in a document at all, not even escaped. */
function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\n": "&#10;",
    "\r": "&#13;",
    "\t": "&#9;",
  };
  return [...text]
    .map((character) => entities[character] ?? (isAllowed(character) ? character : "\ufffd"))
    .join("");
}

function isAllowed(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0xfffe || code === 0xffff) return false;
  return code < 0xd800 || code > 0xdfff;
}
