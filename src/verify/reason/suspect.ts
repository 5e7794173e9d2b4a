/** A megaflow that is not in hardware, and everything that may tell why. */

import type { Megaflow } from "../../datapath/megaflow.js";
import type { Confirmation } from "../evidence/confirmation.js";
import { filterOf } from "../evidence/confirmation.js";
import type { Evidence, Exhibit } from "../evidence/evidence.js";
import type { TcFilter } from "../evidence/tc-filter.js";
import { datapathPortName, noPortNames, type PortNames } from "../port-names.js";
import type { OffloadState } from "../verdict.js";
import type { Comparison } from "./comparison.js";

export interface Circumstances {
  readonly evidence: Evidence;
  /** Its name is also that of the host's port. */
  readonly bridge: string;
  readonly names?: PortNames;
  readonly comparison?: Comparison;
}

export interface Suspect {
  readonly megaflow: Megaflow;
  readonly state: OffloadState;
  readonly inPort: string;
  readonly outPorts: readonly string[];
  readonly evidence: Evidence;
  readonly bridge: string;
  readonly comparison: Comparison | undefined;
  readonly confirmation: Confirmation | undefined;
  readonly filter: TcFilter | undefined;
}

export function suspectOf(
  megaflow: Megaflow,
  state: OffloadState,
  { evidence, bridge, names = noPortNames, comparison }: Circumstances,
  confirmation?: Confirmation,
): Suspect {
  const inPort = datapathPortName(megaflow.match.inPort ?? "", names);
  const outPorts = megaflow.actions.flatMap((action) =>
    action.kind === "output" ? [datapathPortName(action.port, names)] : [],
  );
  const reading = evidence.tc?.get(inPort);
  const filter =
    reading === undefined || "unread" in reading ? undefined : filterOf(megaflow, reading);
  return { megaflow, state, inPort, outPorts, evidence, bridge, comparison, confirmation, filter };
}

/**
 * Whether kernel and driver were asked; undefined where that is not known. With `tc-policy=none` their refusal leaves the
 * filter in TC, so what stands in Open vSwitch's own datapath never got to them.
 */
export function wasOfferedToNic({ state, evidence, filter }: Suspect): boolean | undefined {
  if (state !== "software-ovs" || filter !== undefined) return true;
  const policy = evidence.tcPolicy ?? policyOf(evidence);
  return policy === undefined ? undefined : policy === "skip_sw";
}

/** As filters show it: Open vSwitch gives all of them the same. */
function policyOf({ tc }: Evidence): string | undefined {
  for (const reading of tc?.values() ?? [])
    if ("filters" in reading)
      for (const { cookie, skipsSoftware } of reading.filters)
        if (cookie !== undefined) return skipsSoftware ? "skip_sw" : "none";
  return undefined;
}

/** What tc says of its filter, which any reason may lean on. */
export function tcExhibits({ filter, inPort }: Suspect): readonly Exhibit[] {
  if (filter === undefined) return [];
  const words = [
    ...(filter.skipsHardware ? ["skip_hw"] : []),
    ...(filter.skipsSoftware ? ["skip_sw"] : []),
    ...(filter.inHardware === undefined ? [] : [filter.inHardware ? "in_hw" : "not_in_hw"]),
    ...(filter.inHardwareCount === undefined ? [] : [`in_hw_count ${filter.inHardwareCount}`]),
  ];
  return words.length === 0
    ? []
    : [{ source: "tc", where: `tc filter of ${inPort}`, said: words.join(" ") }];
}
