/** Is this node able to offload at all? From facts to findings; each says one thing, in the order of the report. */

import { checkBridges } from "./check-bridges.js";
import { checkEswitch } from "./check-eswitch.js";
import { checkKernel } from "./check-kernel.js";
import { checkNodeInventory, type ExpectedNode } from "./check-node-inventory.js";
import { checkPcie } from "./check-pcie.js";
import { checkPorts } from "./check-ports.js";
import { checkRdma } from "./check-rdma.js";
import { checkSwitch } from "./check-switch.js";
import { doctorStateOf, doctorSubjectOf, doctorSubjects } from "./code-states.js";
import type { DoctorFinding } from "./doctor-finding.js";
import type { NodeFacts } from "./node-facts.js";

export interface DiagnoseOptions {
  /** Where Open vSwitch was looked for. */
  readonly runDirectory: string;
  /** What the node should be. */
  readonly expected?: ExpectedNode;
}

export function diagnose(facts: NodeFacts, options: DiagnoseOptions): DoctorFinding[] {
  const { runDirectory, expected } = options;
  const findings = [
    ...checkSwitch(facts, runDirectory),
    ...checkBridges(facts),
    ...checkEswitch(facts),
    ...checkPorts(facts),
    ...checkKernel(facts),
    ...checkRdma(facts),
    ...checkPcie(facts),
    ...(expected === undefined ? [] : checkNodeInventory(facts, expected)),
  ];
  return doctorSubjects.flatMap((subject) =>
    findings.filter((finding) => doctorSubjectOf(finding) === subject),
  );
}

/** Whether the node can offload: `unknown` where nothing speaks against it but not all could be seen. */
export type Diagnosis = "able" | "unable" | "unknown";

export function diagnosisOf(findings: readonly DoctorFinding[]): Diagnosis {
  if (findings.some((finding) => doctorStateOf(finding) === "problem")) return "unable";
  const isOpen = findings.some(
    (finding) => finding.code === "unknown" && finding.atWorst === "problem",
  );
  return isOpen || findings.length === 0 ? "unknown" : "able";
}
