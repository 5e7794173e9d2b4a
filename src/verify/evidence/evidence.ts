/** What is known of a switch beside its dump. Each part may be missing: less is known then, and nothing is wrong. */

import type { OtherFilters } from "./other-filters.js";
import type { PortFeature } from "./port-features.js";
import type { TcReading } from "./tc-filter.js";
import type { LoggedRefusal } from "./vswitchd-log.js";

export interface Evidence {
  /** `system` (the kernel), `netdev` (DPDK) or `dummy`. */
  readonly datapathType?: string;
  /** `other_config:hw-offload`. */
  readonly hwOffload?: boolean;
  /** `other_config:tc-policy`; Open vSwitch reads it once, when offload is first enabled. */
  readonly tcPolicy?: string;
  /** Open vSwitch's words where it did not list what is offloaded. */
  readonly offloadListRefused?: string;
  /** Filters by port. Absent as a whole: nobody asked tc, as for a lone dump. */
  readonly tc?: ReadonlyMap<string, TcReading>;
  /** The same of an earlier reading, at least as long ago as NICs take to read their counters. */
  readonly tcBefore?: ReadonlyMap<string, TcReading>;
  /** `hw-tc-offload` by port. */
  readonly features?: ReadonlyMap<string, PortFeature>;
  /** `phys_switch_id` by port; an empty one belongs to no NIC's switch. */
  readonly switchIds?: ReadonlyMap<string, string>;
  /** Refusals that ovs-vswitchd has logged since its last start. */
  readonly refusals?: readonly LoggedRefusal[];
  readonly otherFilters?: OtherFilters;
  readonly datapathUse?: DatapathUse;
  /** Lines of NIC drivers in the kernel's log. */
  readonly kernelLog?: readonly string[];
  /** What could not be read, and why: `tc filters of pf0vf0`, `Operation not permitted`. */
  readonly unread?: readonly Unread[];
}

export interface Unread {
  readonly what: string;
  readonly why: string;
}

/** What `upcall/show` says of the megaflows that ovs-vswitchd keeps. */
export interface DatapathUse {
  readonly flows: number;
  /** It moves: Open vSwitch lowers it when revalidation takes too long. */
  readonly limit: number;
}

/** Where a reason was read, in the order in which they are believed. */
export const evidenceSources = [
  "dump",
  "tc",
  "vswitchd-log",
  "ports",
  "settings",
  "comparison",
  "kernel-log",
  "refusal-list",
] as const;

export type EvidenceSource = (typeof evidenceSources)[number];

/** One thing that was read: `tc filter of pf0vf0`, `not_in_hw`. */
export interface Exhibit {
  readonly source: EvidenceSource;
  readonly where: string;
  readonly said: string;
}
