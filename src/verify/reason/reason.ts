/**
 * Why a megaflow is not in hardware. Evidence is asked in the order of its worth: what tc says of the megaflow's own filter,
 * what ovs-vswitchd logged of it, what its ports can do, how Open vSwitch is set, what the NIC took of others, what the
 * kernel logged; and last, what is known to be refused, which is knowledge and no evidence.
 */

import type { Megaflow } from "../../datapath/megaflow.js";
import type { Confirmation } from "../evidence/confirmation.js";
import type { Exhibit } from "../evidence/evidence.js";
import type { OffloadState } from "../verdict.js";
import type { Cause, Reason } from "./cause.js";
import { failureFromLog, reasonFromLog } from "./reason-from-log.js";
import { hostPort, reasonFromPorts } from "./reason-from-ports.js";
import { isSameMessage, listedRefusal, listedRefusals } from "./refused-part.js";
import {
  type Circumstances,
  type Suspect,
  suspectOf,
  tcExhibits,
  wasOfferedToNic,
} from "./suspect.js";

export function reasonOf(
  megaflow: Megaflow,
  state: OffloadState,
  circumstances: Circumstances,
  confirmation?: Confirmation,
): Reason | undefined {
  if (state === "offloaded") return undefined;
  const suspect = suspectOf(megaflow, state, circumstances, confirmation);
  const reason = fromDump(suspect) ?? fromTc(suspect) ?? firstOf(suspect);
  // what tc says of the filter stands behind every reason but its own
  const exhibits = [...tcExhibits(suspect), ...reason.evidence].filter(
    (one, index, all) => all.findIndex(({ said }) => said === one.said) === index,
  );
  return { ...reason, evidence: exhibits };
}

function firstOf(suspect: Suspect): Reason {
  const offered = wasOfferedToNic(suspect);
  return (
    reasonFromLog(suspect) ??
    (offered !== false ? reasonFromPorts(suspect) : undefined) ??
    fromSettings(suspect) ??
    failureFromLog(suspect) ??
    (suspect.state === "software-ovs" ? fromList("tc", suspect) : undefined) ??
    (offered === true ? fromComparison(suspect) : undefined) ??
    fromKernelLog(suspect) ??
    (offered !== false ? fromList("mlx5", suspect) : undefined) ??
    hostPort(suspect) ??
    silence(suspect)
  );
}

/** What the line of the megaflow says by itself. */
function fromDump({ megaflow, state, evidence }: Suspect): Reason | undefined {
  const dump = (cause: Cause, said: string): Reason => ({
    ...cause,
    evidence: [{ source: "dump", where: "megaflow", said }],
  });
  if (state === "partial") return dump({ code: "partial-by-design" }, "offloaded:partial");
  const { datapathType } = evidence;
  if (datapathType === "dummy") {
    const said = `datapath_type: ${datapathType}`;
    return { code: "userspace-datapath", evidence: [setting(said)] };
  }
  // the userspace datapath adds dp-extra-info; only that of DPDK can drive a NIC
  if (datapathType === undefined && megaflow.layer === "ovs" && megaflow.extraInfo !== undefined)
    return dump({ code: "userspace-datapath" }, `dp-extra-info:${megaflow.extraInfo}`);
  const userspace = megaflow.actions.find((action) => action.kind === "userspace");
  if (userspace?.kind !== "userspace") return undefined;
  const { reason, place } = userspace;
  const said = megaflow.source.text.slice(place.start, place.end);
  return dump({ code: "slow-path", reason, place }, said);
}

function fromTc({ confirmation, filter, inPort }: Suspect): Reason | undefined {
  const where = `tc filter of ${inPort}`;
  if (confirmation?.kind === "contradicted") {
    const { softwarePackets } = confirmation;
    const said = `software counted ${softwarePackets} packets, hardware none`;
    const evidence: readonly Exhibit[] = [{ source: "tc", where, said }];
    return { code: "not-forwarding", softwarePackets, evidence };
  }
  if (filter?.skipsHardware !== true) return undefined;
  return { code: "tc-policy-skips-hardware", evidence: [] };
}

function fromSettings({ state, evidence }: Suspect): Reason | undefined {
  if (evidence.hwOffload === false)
    return { code: "hw-offload-off", evidence: [setting("other_config:hw-offload: not true")] };
  if (state !== "software-tc" || evidence.tcPolicy !== "skip_hw") return undefined;
  const said = "other_config:tc-policy: skip_hw";
  return { code: "tc-policy-skips-hardware", evidence: [setting(said)] };
}

function fromComparison({ megaflow, comparison }: Suspect): Reason | undefined {
  const conclusion = comparison?.conclude(megaflow);
  if (conclusion === undefined) return undefined;
  const exhibit = (said: string): readonly Exhibit[] => [
    { source: "comparison", where: "megaflows of this rail", said },
  ];
  if (conclusion.kind === "no-room") {
    const { alike } = conclusion;
    const said = alike === 0 ? "others lack nothing but room" : `${alike} like it are in hardware`;
    return { code: "table-full", evidence: exhibit(said) };
  }
  const { parts, refused, others } = conclusion;
  const { text } = megaflow.source;
  const part = parts.map(({ start, end }) => text.slice(start, end)).join(" or ");
  const said = `${refused} with it are not in hardware, ${others} without it are`;
  return { code: "nic-refuses", part, place: parts[0], evidence: exhibit(said) };
}

function fromKernelLog({ megaflow, evidence }: Suspect): Reason | undefined {
  for (const refusal of listedRefusals("mlx5", megaflow)) {
    const said = evidence.kernelLog?.findLast((line) => isSameMessage(refusal.message, line));
    if (said === undefined) continue;
    const exhibits: readonly Exhibit[] = [{ source: "kernel-log", where: "kernel log", said }];
    return { code: "nic-refuses", ...refusal, evidence: exhibits };
  }
  return undefined;
}

function fromList(by: "tc" | "mlx5", { megaflow }: Suspect): Reason | undefined {
  const refusal = listedRefusal(by, megaflow);
  if (refusal === undefined) return undefined;
  const where = by === "tc" ? "what OVS's TC layer refuses" : "what mlx5 refuses";
  const evidence: readonly Exhibit[] = [{ source: "refusal-list", where, said: refusal.message }];
  return { code: by === "tc" ? "tc-refuses" : "nic-refuses", ...refusal, evidence };
}

function silence({ state }: Suspect): Reason {
  return { code: state === "software-ovs" ? "tc-silent" : "nic-silent", evidence: [] };
}

function setting(said: string): Exhibit {
  return { source: "settings", where: "settings of Open vSwitch", said };
}
