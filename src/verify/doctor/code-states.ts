/** How bad each finding is, and which part of the report it belongs to. A `problem` prevents offload. */

import type { DoctorCode, DoctorFinding, DoctorState, DoctorSubject } from "./doctor-finding.js";

type Class = readonly [subject: DoctorSubject, state: DoctorState];

/** The order is that of the report. */
const classes: Readonly<Record<Exclude<DoctorCode, "unknown">, Class>> = {
  "switch-not-running": ["switch", "problem"],
  "switch-version": ["switch", "ok"],
  "switch-too-old": ["switch", "problem"],
  "hw-offload-on": ["switch", "ok"],
  "hw-offload-off": ["switch", "problem"],
  "flow-api-on": ["switch", "ok"],
  "flow-api-off": ["switch", "problem"],
  "flow-api-still-on": ["switch", "warning"],
  "tc-policy": ["switch", "ok"],
  "tc-policy-skips-hardware": ["switch", "problem"],
  "tc-policy-skips-software": ["switch", "warning"],
  "tc-policy-not-in-use": ["switch", "warning"],
  "flow-limit": ["switch", "ok"],
  "flow-limit-near": ["switch", "warning"],
  "flow-limit-low": ["switch", "warning"],
  "max-idle": ["switch", "ok"],
  "max-idle-short": ["switch", "warning"],
  "log-complaint": ["switch", "warning"],
  "no-bridge": ["bridges", "problem"],
  "no-nic-bridge": ["bridges", "problem"],
  "kernel-datapath": ["bridges", "ok"],
  "userspace-datapath": ["bridges", "problem"],
  "one-nic": ["bridges", "ok"],
  "several-nics": ["bridges", "problem"],
  "several-uplinks": ["bridges", "warning"],
  "no-uplink": ["bridges", "problem"],
  "representors-elsewhere": ["bridges", "problem"],
  "software-ports": ["bridges", "warning"],
  "port-error": ["bridges", "warning"],
  "hashing-bond": ["bridges", "problem"],
  sampling: ["bridges", "problem"],
  netflow: ["bridges", "warning"],
  mirror: ["bridges", "warning"],
  "fail-mode-secure": ["bridges", "ok"],
  "fail-mode-open": ["bridges", "warning"],
  flows: ["bridges", "ok"],
  "foreign-flows": ["bridges", "warning"],
  "no-eswitch": ["eswitch", "problem"],
  switchdev: ["eswitch", "ok"],
  "not-switchdev": ["eswitch", "problem"],
  "inline-mode": ["eswitch", "warning"],
  "slow-steering": ["eswitch", "warning"],
  "virtual-functions": ["eswitch", "ok"],
  "no-virtual-functions": ["eswitch", "warning"],
  "representors-missing": ["eswitch", "problem"],
  "tc-offload-on": ["ports", "ok"],
  "tc-offload-off": ["ports", "problem"],
  "tc-offload-fixed-off": ["ports", "problem"],
  "ingress-qdisc": ["ports", "ok"],
  "ingress-qdisc-missing": ["ports", "problem"],
  "filters-owned": ["ports", "ok"],
  "orphan-filters": ["ports", "problem"],
  "foreign-filters": ["ports", "warning"],
  "ports-down": ["ports", "warning"],
  modules: ["kernel", "ok"],
  "modules-missing": ["kernel", "problem"],
  "other-modules-missing": ["kernel", "warning"],
  "tc-skb-ext": ["kernel", "ok"],
  "no-tc-skb-ext": ["kernel", "warning"],
  "rdma-device": ["rdma", "ok"],
  "no-rdma-device": ["rdma", "warning"],
  "rdma-port-down": ["rdma", "warning"],
  "no-roce-v2": ["rdma", "warning"],
  "rdma-exclusive": ["rdma", "ok"],
  "rdma-shared": ["rdma", "warning"],
  mtu: ["rdma", "ok"],
  "mtu-small": ["rdma", "warning"],
  "mtu-differs": ["rdma", "warning"],
  "no-gpu": ["pcie", "ok"],
  "gpu-near-nic": ["pcie", "ok"],
  "gpu-far-from-nic": ["pcie", "warning"],
  "no-rdma-nic": ["pcie", "warning"],
  "pcie-link": ["pcie", "ok"],
  "pcie-link-slow": ["pcie", "warning"],
  "acs-off": ["pcie", "ok"],
  "acs-redirects": ["pcie", "warning"],
  "iommu-passes": ["pcie", "ok"],
  "iommu-translates": ["pcie", "warning"],
  "peer-memory": ["pcie", "ok"],
  "no-peer-memory": ["pcie", "warning"],
  "inventory-fits": ["inventory", "ok"],
  "inventory-bridge-missing": ["inventory", "problem"],
  "inventory-port-missing": ["inventory", "problem"],
  "inventory-port-elsewhere": ["inventory", "problem"],
  "inventory-port-not-in-eswitch": ["inventory", "problem"],
  "inventory-mac-differs": ["inventory", "warning"],
};

export const doctorSubjects: readonly DoctorSubject[] = [
  ...(["switch", "bridges", "eswitch", "ports"] as const),
  ...(["kernel", "rdma", "pcie", "inventory"] as const),
];

export const doctorCodes: readonly DoctorCode[] = [
  ...(Object.keys(classes) as Exclude<DoctorCode, "unknown">[]),
  "unknown",
];

export function doctorStateOf(finding: DoctorFinding): DoctorState {
  return finding.code === "unknown" ? "unknown" : classes[finding.code][1];
}

export function doctorSubjectOf(finding: DoctorFinding): DoctorSubject {
  return finding.code === "unknown" ? finding.subject : classes[finding.code][0];
}
