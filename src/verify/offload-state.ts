/** Where a megaflow does its work: DESIGN's states from `offloaded` and `dp` of one `-m` line. */

import type { Megaflow } from "../datapath/megaflow.js";
import type { OffloadState } from "./verdict.js";

/** Undefined for a line of a dump without `-m`, which does not say. */
export function offloadStateOf(megaflow: Megaflow): OffloadState | undefined {
  const { offloaded, layer } = megaflow;
  if (layer === undefined && offloaded === undefined) return undefined;
  if (megaflow.actions.some(({ kind }) => kind === "userspace")) return "software-ovs";
  if (offloaded === "yes") return "offloaded";
  if (offloaded === "partial") return "partial";
  return layer === "tc" ? "software-tc" : "software-ovs";
}
