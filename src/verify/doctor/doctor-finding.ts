/** What doctor says of one thing on the node, as data: the words for it are in the report room. */

import type { Obstacle } from "./fact.js";
import type {
  InventoryFinding,
  KernelFinding,
  PcieFinding,
  RdmaFinding,
} from "./hardware-finding.js";
import type { FlowUses, LogComplaint } from "./node-facts.js";

export type DoctorState = "ok" | "problem" | "warning" | "unknown";

/** What was looked at; also the parts of the report, in its order. */
export type DoctorSubject =
  | "switch"
  | "bridges"
  | "eswitch"
  | "ports"
  | "kernel"
  | "rdma"
  | "pcie"
  | "inventory";

interface InBridge {
  readonly bridge: string;
}

/** What is needed to offload; the state of each code is in `statesOfCodes`. */
export type SwitchFinding =
  | { readonly code: "switch-not-running"; readonly runDirectory: string }
  | { readonly code: "switch-version"; readonly version: string }
  | { readonly code: "switch-too-old"; readonly version: string }
  | { readonly code: "hw-offload-on" }
  | { readonly code: "hw-offload-off" }
  | { readonly code: "flow-api-on"; readonly evidence: FlowApiEvidence }
  | { readonly code: "flow-api-off"; readonly evidence: FlowApiEvidence; readonly since?: string }
  | { readonly code: "flow-api-still-on"; readonly evidence: FlowApiEvidence }
  | { readonly code: "tc-policy"; readonly policy: string }
  | { readonly code: "tc-policy-skips-hardware" }
  | { readonly code: "tc-policy-skips-software" }
  | { readonly code: "tc-policy-not-in-use"; readonly policy: string; readonly inUse: string }
  | { readonly code: "flow-limit"; readonly flows: number; readonly limit: number }
  | { readonly code: "flow-limit-near"; readonly flows: number; readonly limit: number }
  | { readonly code: "flow-limit-low"; readonly setting: number }
  | { readonly code: "max-idle"; readonly milliseconds: number }
  | { readonly code: "max-idle-short"; readonly milliseconds: number }
  | {
      readonly code: "log-complaint";
      readonly complaint: LogComplaint;
      readonly path: string;
      /** False where the log was rotated since. */
      readonly sinceStart: boolean;
    };

export type FlowApiEvidence = "dpif/offload/show" | "upcall/show" | "log";

export type BridgeFinding =
  | { readonly code: "no-bridge" }
  | { readonly code: "no-nic-bridge"; readonly bridges: readonly string[] }
  | (InBridge & { readonly code: "kernel-datapath" })
  | (InBridge & { readonly code: "userspace-datapath"; readonly type: string })
  | (InBridge & {
      readonly code: "one-nic";
      readonly switchId: string;
      readonly uplink: string;
      readonly representors: number;
    })
  | (InBridge & {
      readonly code: "several-nics";
      /** By switch id. */
      readonly nics: readonly { readonly switchId: string; readonly ports: readonly string[] }[];
    })
  | (InBridge & { readonly code: "several-uplinks"; readonly uplinks: readonly string[] })
  | (InBridge & { readonly code: "no-uplink"; readonly uplink?: string })
  | (InBridge & {
      readonly code: "representors-elsewhere";
      readonly representors: readonly string[];
      readonly uplink: string;
      readonly uplinkBridge: string;
    })
  | (InBridge & { readonly code: "software-ports"; readonly ports: readonly string[] })
  | (InBridge & { readonly code: "port-error"; readonly port: string; readonly error: string })
  | (InBridge & { readonly code: "hashing-bond"; readonly port: string })
  | (InBridge & { readonly code: "sampling"; readonly by: "sFlow" | "IPFIX" })
  | (InBridge & { readonly code: "netflow" })
  | (InBridge & { readonly code: "mirror"; readonly mirrors: number })
  | (InBridge & { readonly code: "fail-mode-secure" })
  | (InBridge & { readonly code: "fail-mode-open"; readonly failMode: "standalone" | "unset" })
  | (InBridge & { readonly code: "flows"; readonly own: number; readonly foreign: number })
  | (InBridge & { readonly code: "foreign-flows"; readonly use: FlowUses["uses"][number] });

export type EswitchFinding =
  | { readonly code: "no-eswitch" }
  | {
      readonly code: "switchdev";
      readonly device: string;
      /** What said so: a user who is not root may not ask devlink, but sees representors. */
      readonly evidence: "devlink" | "representors";
    }
  | { readonly code: "not-switchdev"; readonly device: string; readonly mode: string }
  | {
      readonly code: "inline-mode";
      readonly device: string;
      readonly mode: string;
    }
  | { readonly code: "slow-steering"; readonly device: string; readonly mode: string }
  | {
      readonly code: "virtual-functions";
      readonly device: string;
      readonly uplink: string;
      readonly now: number;
      readonly most: number;
      readonly representors: number;
    }
  | {
      readonly code: "no-virtual-functions";
      readonly device: string;
      readonly uplink: string;
      readonly most: number;
    }
  | {
      readonly code: "representors-missing";
      readonly device: string;
      readonly uplink: string;
      readonly now: number;
      readonly representors: number;
    };

export type PortFinding =
  | { readonly code: "tc-offload-on"; readonly ports: number }
  | { readonly code: "tc-offload-off"; readonly ports: readonly string[] }
  | { readonly code: "tc-offload-fixed-off"; readonly ports: readonly string[] }
  | { readonly code: "ingress-qdisc"; readonly ports: number }
  | { readonly code: "ingress-qdisc-missing"; readonly ports: readonly string[] }
  | { readonly code: "filters-owned"; readonly filters: number }
  | {
      readonly code: "orphan-filters";
      readonly filters: readonly PortFilter[];
      /** hw-offload is off, so every filter that Open vSwitch left is one. */
      readonly offloadIsOff: boolean;
      /** Those of the ports that are on no bridge. */
      readonly offBridge: readonly string[];
    }
  | {
      readonly code: "foreign-filters";
      readonly filters: readonly PortFilter[];
    }
  | { readonly code: "ports-down"; readonly ports: readonly string[] };

export interface PortFilter {
  readonly port: string;
  /** `pref 2 handle 0x1`. */
  readonly filter: string;
}

/** Something that could not be read. */
export interface UnknownFinding {
  readonly code: "unknown";
  readonly subject: DoctorSubject;
  readonly question: DoctorQuestion;
  /** What it would have been at worst. */
  readonly atWorst: "problem" | "warning";
  readonly obstacle: Obstacle;
  /** Ports or devices that it is unknown of, where it is not the node itself. */
  readonly of: readonly string[];
}

export type DoctorQuestion =
  | "running"
  | "version"
  | "settings"
  | "flow-api"
  | "flow-limit"
  | "log"
  | "flows"
  | "netdevs"
  | "eswitch-mode"
  | "steering-mode"
  | "tc-offload"
  | "ingress-qdisc"
  | "filters"
  | "kernel-options"
  | "modules"
  | "rdma-devices"
  | "rdma-namespaces"
  | "pci-devices"
  | "acs"
  | "peer-memory"
  | "function-macs";

export type DoctorFinding =
  | SwitchFinding
  | BridgeFinding
  | EswitchFinding
  | PortFinding
  | KernelFinding
  | RdmaFinding
  | PcieFinding
  | InventoryFinding
  | UnknownFinding;

export type DoctorCode = DoctorFinding["code"];
