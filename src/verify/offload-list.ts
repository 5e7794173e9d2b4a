/** The datapath's second word on offload: what it lists when it is asked for nothing else (`type=offloaded`). */

import type { Megaflow } from "../datapath/megaflow.js";

/** By ufid; another dump than the one that is judged, so it may lack megaflows and have others. */
export type OffloadList = ReadonlyMap<string, Megaflow>;

export function offloadListOf(megaflows: readonly Megaflow[]): OffloadList {
  const list = new Map<string, Megaflow>();
  for (const megaflow of megaflows)
    if (megaflow.ufid !== undefined) list.set(megaflow.ufid, megaflow);
  return list;
}

export interface Contradiction {
  readonly megaflow: Megaflow;
  readonly listed: Megaflow;
}

/** Megaflows of both dumps that one of them calls offloaded and the other does not. In one only: it has aged, or is new. */
export function contradictionsIn(
  megaflows: readonly Megaflow[],
  list: OffloadList,
): readonly Contradiction[] {
  if (list.size === 0) return [];
  const found = new Map<string, Contradiction>();
  const agreed = new Set<string>();
  for (const megaflow of megaflows) {
    const listed = megaflow.ufid === undefined ? undefined : list.get(megaflow.ufid);
    if (listed?.ufid === undefined) continue;
    if (isInHardware(megaflow) && isInHardware(listed)) agreed.add(listed.ufid);
    else found.set(listed.ufid, { megaflow, listed });
  }
  // of the threads of a userspace datapath each has its own line, and one of them in hardware is enough for the list
  return [...found].filter(([ufid]) => !agreed.has(ufid)).map(([, contradiction]) => contradiction);
}

/** What passes `type=offloaded`: lib/dpctl.c of Open vSwitch, flow_passes_type_filter(). */
function isInHardware({ offloaded, layer }: Megaflow): boolean {
  return offloaded === "yes" && layer !== "ovs";
}
