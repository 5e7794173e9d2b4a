/** What doctor found, for a terminal: what is well in a line, what is not with its reason and its remedy. */

import { doctorStateOf, doctorSubjectOf, doctorSubjects } from "../verify/doctor/code-states.js";
import { type Diagnosis, diagnosisOf } from "../verify/doctor/diagnose.js";
import type { DoctorFinding, DoctorState } from "../verify/doctor/doctor-finding.js";
import { harmless } from "./columns.js";
import { describeDoctorFinding, describeSubject } from "./doctor-words.js";
import type { Tone } from "./verdict-text.js";

export interface DoctorTextOptions {
  readonly node: string;
  /** Says a word in a colour, or as it is. */
  readonly paint?: (word: string, tone: Tone) => string;
}

export function printDoctor(
  findings: readonly DoctorFinding[],
  { node, paint = (word) => word }: DoctorTextOptions,
): string {
  const lines = [`${harmless(node)}: ${sentences[diagnosisOf(findings)]} (${countsOf(findings)})`];
  for (const subject of doctorSubjects) {
    const own = findings.filter((finding) => doctorSubjectOf(finding) === subject);
    if (own.length > 0) lines.push("", describeSubject(subject));
    for (const finding of own) lines.push(...findingLines(finding, paint));
  }
  return `${lines.join("\n")}\n`;
}

const sentences: Readonly<Record<Diagnosis, string>> = {
  able: "able to offload",
  unable: "not able to offload as it is",
  unknown: "nothing seen speaks against offload, but not all could be seen",
};

const stateWidth = 7;

const tones: Readonly<Record<DoctorState, Tone>> = {
  ok: "good",
  problem: "bad",
  warning: "bad",
  unknown: "quiet",
};

function findingLines(
  finding: DoctorFinding,
  paint: NonNullable<DoctorTextOptions["paint"]>,
): string[] {
  const state = doctorStateOf(finding);
  const { seen, why, todo } = describeDoctorFinding(finding);
  // names and log lines come from the node, and a terminal obeys what it prints
  const lines = [`  ${paint(state.padEnd(stateWidth), tones[state])}  ${harmless(seen)}`];
  if (state === "ok") return lines;
  const indent = " ".repeat(stateWidth + 4);
  lines.push(`${indent}${paint("why", "quiet")}  ${harmless(why)}`);
  if (todo !== undefined) lines.push(`${indent}${paint("do", "quiet")}   ${harmless(todo)}`);
  return lines;
}

function countsOf(findings: readonly DoctorFinding[]): string {
  const states: readonly DoctorState[] = ["problem", "warning", "unknown", "ok"];
  return states
    .map((state) => [state, findings.filter((one) => doctorStateOf(one) === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${nounOf(state, count)}`)
    .join(", ");
}

function nounOf(state: DoctorState, count: number): string {
  if (state === "ok" || state === "unknown") return state;
  return count === 1 ? state : `${state}s`;
}
