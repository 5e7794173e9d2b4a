/** What doctor found, as JSON. The schema that ships is made from this one zod source. */

import { z } from "zod";
import {
  doctorCodes,
  doctorStateOf,
  doctorSubjectOf,
  doctorSubjects,
} from "../verify/doctor/code-states.js";
import { diagnosisOf } from "../verify/doctor/diagnose.js";
import type { DoctorCode, DoctorFinding, DoctorSubject } from "../verify/doctor/doctor-finding.js";
import { describeDoctorFinding } from "./doctor-words.js";

const finding = z.strictObject({
  code: z.enum(doctorCodes as readonly [DoctorCode, ...DoctorCode[]]).describe("stable"),
  state: z.enum(["ok", "problem", "warning", "unknown"]),
  subject: z.enum(doctorSubjects as readonly [DoctorSubject, ...DoctorSubject[]]),
  seen: z.string(),
  why: z.string(),
  do: z.string().optional().describe("absent: nothing is to be done"),
  details: z
    .record(z.string(), z.unknown())
    .describe("what the sentence is made of, by name; depends on the code"),
});

export const doctorSchema = z.strictObject({
  version: z.literal(1),
  node: z.string(),
  diagnosis: z
    .enum(["able", "unable", "unknown"])
    .describe("unknown: nothing speaks against offload, but not all could be seen"),
  findings: z.array(finding),
});

export type DoctorDocument = z.output<typeof doctorSchema>;

/** What ships as `schema/doctor.schema.json`. */
export function doctorJsonSchema(): object {
  return z.toJSONSchema(doctorSchema);
}

export function doctorDocument(findings: readonly DoctorFinding[], node: string): DoctorDocument {
  return {
    version: 1,
    node,
    diagnosis: diagnosisOf(findings),
    findings: findings.map(findingDocument),
  };
}

export function printDoctorJson(findings: readonly DoctorFinding[], node: string): string {
  return `${JSON.stringify(doctorDocument(findings, node), undefined, 2)}\n`;
}

function findingDocument(found: DoctorFinding): DoctorDocument["findings"][number] {
  const { code, ...details } = found;
  const { seen, why, todo } = describeDoctorFinding(found);
  return {
    code,
    state: doctorStateOf(found),
    subject: doctorSubjectOf(found),
    seen,
    why,
    ...(todo === undefined ? {} : { do: todo }),
    details,
  };
}
