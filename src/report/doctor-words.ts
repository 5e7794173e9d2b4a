/** What doctor found in words: what was seen, why it matters, what to do. */

import { doctorSubjectOf } from "../verify/doctor/code-states.js";
import type {
  BridgeFinding,
  DoctorFinding,
  DoctorSubject,
  EswitchFinding,
  PortFinding,
  SwitchFinding,
} from "../verify/doctor/doctor-finding.js";
import type {
  InventoryFinding,
  KernelFinding,
  PcieFinding,
  RdmaFinding,
} from "../verify/doctor/hardware-finding.js";
import type { DoctorWords } from "./doctor-text-parts.js";
import { describeBridgeFinding } from "./doctor-words-bridges.js";
import { describePcieFinding, describeRdmaFinding } from "./doctor-words-hardware.js";
import { describeInventoryFinding } from "./doctor-words-inventory.js";
import {
  describeEswitchFinding,
  describeKernelFinding,
  describePortFinding,
} from "./doctor-words-nics.js";
import { describeSwitchFinding } from "./doctor-words-switch.js";
import { describeUnknown } from "./doctor-words-unknown.js";

/** Each subject's findings are one union, and `code-states.ts` says which subject a code is of. */
export function describeDoctorFinding(finding: DoctorFinding): DoctorWords {
  if (finding.code === "unknown") return describeUnknown(finding);
  switch (doctorSubjectOf(finding)) {
    case "switch":
      return describeSwitchFinding(finding as SwitchFinding);
    case "bridges":
      return describeBridgeFinding(finding as BridgeFinding);
    case "eswitch":
      return describeEswitchFinding(finding as EswitchFinding);
    case "ports":
      return describePortFinding(finding as PortFinding);
    case "kernel":
      return describeKernelFinding(finding as KernelFinding);
    case "rdma":
      return describeRdmaFinding(finding as RdmaFinding);
    case "pcie":
      return describePcieFinding(finding as PcieFinding);
    case "inventory":
      return describeInventoryFinding(finding as InventoryFinding);
  }
}

export function describeSubject(subject: DoctorSubject): string {
  return subjects[subject];
}

const subjects: Readonly<Record<DoctorSubject, string>> = {
  switch: "Open vSwitch",
  bridges: "Bridges",
  eswitch: "NICs and VFs",
  ports: "Ports and tc",
  kernel: "Kernel",
  rdma: "RDMA",
  pcie: "GPUs and PCIe",
  inventory: "Inventory",
};
