/** What railfence says about rules, flows and megaflows. Data only; the words are the report's. */

import type { LineProblem, Megaflow, NotUnderstood } from "../datapath/megaflow.js";
import type { Flow } from "../openflow/flow.js";
import type { Rule } from "../policy/checked-policy.js";
import type { Confirmation } from "./evidence/confirmation.js";
import type { DatapathUse, Unread } from "./evidence/evidence.js";
import type { OtherFilters } from "./evidence/other-filters.js";
import type { Origin } from "./origin.js";
import type { Reason } from "./reason/cause.js";
import type { Output } from "./walk.js";

/** Where a megaflow does its work. */
export type OffloadState =
  /** In the NIC's eSwitch, as far as the driver reports. */
  | "offloaded"
  /** Marked by the NIC, forwarded by the CPU (userspace datapaths only). */
  | "partial"
  /** The NIC took it, and its counters stand still while the CPU's grow: accepted, not forwarded. */
  | "accepted-only"
  /** In TC, and the NIC refused it. */
  | "software-tc"
  /** In openvswitch.ko or the userspace datapath, or handed to ovs-vswitchd. */
  | "software-ovs";

/** From best to worst: a rule is as good as its worst megaflow. */
export const statesFromBest = [
  "offloaded",
  "partial",
  "accepted-only",
  "software-tc",
  "software-ovs",
] as const;

export interface RailVerdict {
  readonly node: string;
  readonly rail: string;
  readonly bridge: string;
  /** Every rule that has flows on this bridge. */
  readonly rules: readonly RuleVerdict[];
  /** What the fence does beside the rules: neighbour discovery, the host's own traffic. */
  readonly duties: readonly DutyVerdict[];
  /** Megaflows that drop what no rule allows. */
  readonly denied: Tally;
  /** Those of them that are not in hardware: forbidden packets, which the CPU has to look at. */
  readonly deniedOutside: readonly ConnectionVerdict[];
  readonly use: Use;
  /** Megaflows of other bridges of the same datapath, not looked at. */
  readonly elsewhere: number;
  /** Why Open vSwitch did not list what is offloaded, in its words: then one dump is all there is. */
  readonly offloadListRefused?: string;
  /** No finding: tc's megaflows are dumped as the kernel has them, and so they are judged. */
  readonly otherFilters?: OtherFilters;
  /** What of the evidence could not be read: nothing is concluded from its absence. */
  readonly unread: readonly Unread[];
  readonly findings: readonly Finding[];
}

/** How much of the datapath and of the NIC the rail takes. */
export interface Use {
  readonly megaflows: number;
  readonly masks: number;
  /** Megaflows that are in the NIC's table. */
  readonly inHardware: number;
}

/** What is wrong with a megaflow, from bad to worse. */
export const wrongsFromBad = [
  "not-understood",
  "unexplained",
  "stale",
  "blackhole",
  "leak",
] as const;

export type Wrong = (typeof wrongsFromBad)[number];

export interface RuleVerdict {
  readonly rule: Rule;
  /** The worst that was seen of it; `idle` without any megaflow, which is no verdict on offload. */
  readonly state: OffloadState | Wrong | "idle";
  readonly tally: Tally;
  readonly connections: readonly ConnectionVerdict[];
}

/** One megaflow that carries a rule's traffic. */
export interface ConnectionVerdict {
  readonly megaflow: Megaflow;
  readonly state: OffloadState;
  readonly inPort: string;
  readonly outPorts: readonly string[];
  /** Present where it is not in hardware. */
  readonly reason?: Reason;
  /** Present where Open vSwitch says that it is offloaded: whether the NIC's counters say so too. */
  readonly confirmation?: Confirmation;
}

export interface DutyVerdict {
  readonly duty: string;
  readonly tally: Tally;
}

export interface Tally {
  readonly megaflows: number;
  readonly packets: number;
  readonly states: Readonly<Record<OffloadState, number>>;
  /** Of the offloaded ones, those of which the NIC itself has counted packets. */
  readonly confirmed: number;
}

/** What should not be. */
export type Finding =
  | DatapathFinding
  | {
      readonly kind: "not-understood";
      readonly megaflow: Megaflow;
      readonly parts: readonly NotUnderstood[];
    }
  /** Without `-m` a dump does not say where its megaflows are; said once, of the first. */
  | { readonly kind: "no-offload-state"; readonly megaflow: Megaflow }
  /** Of two dumps, one calls it offloaded and the other does not. */
  | { readonly kind: "contradiction"; readonly megaflow: Megaflow; readonly listed: Megaflow }
  /** Nobody knows whose a port is by its datapath number; said once, of the first. */
  | { readonly kind: "unnamed-port"; readonly megaflow: Megaflow }
  /** A saved dump in which no megaflow came in at a port of the node: `ports` are those that they came in at. */
  | {
      readonly kind: "dump-of-elsewhere";
      readonly megaflow: Megaflow;
      readonly ports: readonly string[];
    }
  | { readonly kind: "unreadable-line"; readonly problem: LineProblem; readonly line: string }
  | TableFull
  /** Open vSwitch makes no more megaflows: each packet of a new connection goes to ovs-vswitchd. */
  | ({ readonly kind: "flow-limit" } & DatapathUse)
  | TableFinding;

/** Megaflows that the NIC would take if it had room. */
export interface TableFull {
  readonly kind: "table-full";
  /** Megaflows of the rail that are in hardware. */
  readonly fit: number;
  readonly refused: number;
  /** Those whose traffic suffers. */
  readonly rules: readonly Rule[];
}

interface DatapathFinding {
  /**
   * `leak`: forwards what the policy drops, or to another port. `blackhole`: drops what the policy forwards.
   * `stale`: forwards it otherwise than the tables say now. `unexplained`: what it does cannot be compared.
   */
  readonly kind: "leak" | "blackhole" | "stale" | "unexplained";
  readonly megaflow: Megaflow;
  readonly inPort: string;
  /** Flows that decide about the packet below. */
  readonly path: readonly Flow[];
  /** Those that let the packet pass, or that deny it: none where no rule speaks of it. */
  readonly rules: readonly Rule[];
  /** One packet for which it goes wrong, as an OpenFlow match. */
  readonly packet: string;
  readonly expected: readonly Output[];
  /** Absent where it cannot be known. */
  readonly actual?: readonly Output[];
  /** For `unexplained`: the action that stands in the way. */
  readonly because?: string;
  /** Whether the switch's own flows say the same as the megaflow: then they are what is wrong. */
  readonly agreesWithSwitch?: boolean;
  /** How it came to be, as far as it shows; absent where the switch's flows say the same, or cannot be interpreted. */
  readonly origin?: Origin | undefined;
  /** And whose flow it is that does so, where it is none of railfence's. */
  readonly stolenBy?: Flow;
}

/** The switch's flows differ from the compiled ones. */
export type TableFinding =
  | { readonly kind: "missing-flow"; readonly flow: Flow; readonly rules: readonly Rule[] }
  | { readonly kind: "extra-flow"; readonly flow: Flow }
  | {
      readonly kind: "changed-flow";
      readonly flow: Flow;
      readonly found: Flow;
      readonly changed: "actions" | "cookie";
      readonly rules: readonly Rule[];
    }
  /** Someone else's flow takes packets before ours do. */
  | { readonly kind: "foreign-flow"; readonly flow: Flow; readonly above: Flow }
  /** Someone else's flow may bring an endpoint what came in at a port that is not fenced. */
  | { readonly kind: "way-around"; readonly flow: Flow };
