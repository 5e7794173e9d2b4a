/** Words for what could not be read: which question stays open, what was in the way, what would help. */

import type { DoctorQuestion, UnknownFinding } from "../verify/doctor/doctor-finding.js";
import type { Obstacle } from "../verify/doctor/fact.js";
import { type DoctorWords, named } from "./doctor-text-parts.js";

export function describeUnknown({ question, obstacle, of, atWorst }: UnknownFinding): DoctorWords {
  const about = of.length === 0 ? "" : ` (${named(of)})`;
  return {
    seen: `not known: ${questions[question]}${about}: ${describeObstacle(obstacle)}`,
    why: atWorst === "problem" ? "it may prevent offload" : "it does not prevent offload by itself",
    todo: remedyOf(obstacle),
  };
}

const questions: Readonly<Record<DoctorQuestion, string>> = {
  running: "whether Open vSwitch runs",
  version: "the version of Open vSwitch",
  settings: "Open vSwitch's bridges and settings",
  "flow-api": "whether the ovs-vswitchd that runs offloads",
  "flow-limit": "how many megaflows there are, and how many there may be",
  log: "what ovs-vswitchd logged",
  flows: "which flows others keep on the bridge",
  netdevs: "the network interfaces",
  "eswitch-mode": "the mode of the eSwitch",
  "steering-mode": "who inserts flows into the NIC",
  "tc-offload": "whether hw-tc-offload is on",
  "ingress-qdisc": "which ports have an ingress qdisc",
  filters: "whether every filter has an owner",
  "kernel-options": "whether the kernel has CONFIG_NET_TC_SKB_EXT",
  modules: "whether the kernel has the modules",
  "rdma-devices": "the RDMA devices",
  "rdma-namespaces": "whether pods share RDMA devices",
  "pci-devices": "the PCIe tree",
  acs: "whether ACS sends traffic between GPUs and NICs through the CPU",
  "peer-memory": "whether NICs reach GPU memory",
  "function-macs": "the MACs of the VFs",
};

function describeObstacle({ kind, what, words }: Obstacle): string {
  const detail = words === undefined ? "" : ` (${words})`;
  switch (kind) {
    case "permission":
      return `no permission for \`${what}\``;
    case "tool-missing":
      return `\`${words ?? what}\` is not installed`;
    case "not-running":
      return `ovs-vswitchd does not answer \`${what}\``;
    case "failed":
      return `\`${what}\` failed${detail}`;
    case "not-understood":
      return `\`${what}\` answers in a form that railfence does not know`;
    case "not-recorded":
      return `the recording does not hold \`${what}\``;
  }
}

/** Debian's packages. */
const packages: Readonly<Record<string, string>> = {
  ethtool: "ethtool",
  tc: "iproute2",
  devlink: "iproute2",
  "ovs-vsctl": "openvswitch-switch",
  "ovs-ofctl": "openvswitch-switch",
};

function remedyOf({ kind, what, words }: Obstacle): string {
  switch (kind) {
    case "permission":
      return "run railfence as root";
    case "tool-missing": {
      const tool = words ?? what;
      return `\`apt-get install ${packages[tool] ?? tool}\``;
    }
    case "not-running":
      return "`systemctl status openvswitch-switch`, or name its run directory with `--ovs`";
    case "failed":
      if (what.startsWith("/lib/modules"))
        return "install the package of this kernel's modules; in a container, mount the node's /lib/modules";
      return what.startsWith("/") ? "look at the file by hand" : `try \`${what}\` by hand`;
    case "not-understood":
      return `report it, with what \`${what}\` prints`;
    case "not-recorded":
      return "record the node again with this version: `railfence doctor --save FILE`";
  }
}
