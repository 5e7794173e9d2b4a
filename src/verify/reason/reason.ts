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
import { loggedByDriver, messageIn } from "./kernel-log.js";
import { failureFromLog, reasonFromLog } from "./reason-from-log.js";
import { hostPort, reasonFromPorts } from "./reason-from-ports.js";
import {
  isSameMessage,
  type ListedRefusal,
  listedRefusal,
  listedRefusals,
} from "./refused-part.js";
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
    fromLog(suspect) ??
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

/** A driver's words seldom say what they are about: the ports may, or what it took of others. */
function fromLog(suspect: Suspect): Reason | undefined {
  const logged = reasonFromLog(suspect);
  if (logged?.code !== "nic-refuses" || logged.part !== undefined) return logged;
  const ports = reasonFromPorts(suspect);
  if (ports !== undefined) return { ...ports, evidence: [...logged.evidence, ...ports.evidence] };
  const compared = fromComparison(suspect);
  if (compared?.code !== "nic-refuses") return logged;
  const message = logged.message === undefined ? {} : { message: logged.message };
  return { ...compared, ...message, evidence: [...logged.evidence, ...compared.evidence] };
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

function fromComparison(suspect: Suspect): Reason | undefined {
  const { megaflow, comparison } = suspect;
  const conclusion = comparison?.conclude(megaflow);
  if (conclusion === undefined) return undefined;
  const exhibit = (said: string): Exhibit => ({
    source: "comparison",
    where: "megaflows of this rail",
    said,
  });
  if (conclusion.kind === "no-room") {
    const { alike } = conclusion;
    const said = alike === 0 ? "others lack nothing but room" : `${alike} like it are in hardware`;
    return { code: "table-full", evidence: [exhibit(said)] };
  }
  const { parts, refused, others } = conclusion;
  const { text } = megaflow.source;
  const part = [...new Set(parts.map(({ start, end }) => text.slice(start, end)))].join(" or ");
  const compared = exhibit(`${refused} with it are not in hardware, ${others} without it are`);
  const reason: Reason = { code: "nic-refuses", part, place: parts[0], evidence: [compared] };
  // where something is known that is among the parts, or the driver wrote something, there are words for it
  const listed = listedRefusals("mlx5", megaflow).find((one) =>
    parts.some(({ start, end }) => one.place.start < end && start < one.place.end),
  );
  const logged = loggedByDriver(suspect);
  if (listed !== undefined)
    return { ...reason, ...listed, evidence: [compared, ...logged, listing("mlx5", listed)] };
  const [only] = logged;
  // of several nobody knows which was said of this one
  const message = only === undefined || logged.length > 1 ? {} : { message: messageIn(only.said) };
  return { ...reason, ...message, evidence: [compared, ...logged] };
}

/** A driver's line names the port, and not the flow. */
function fromKernelLog(suspect: Suspect): Reason | undefined {
  const { megaflow, evidence } = suspect;
  for (const refusal of listedRefusals("mlx5", megaflow)) {
    const said = evidence.kernelLog?.findLast((line) => isSameMessage(refusal.message, line));
    if (said === undefined) continue;
    const exhibits: readonly Exhibit[] = [{ source: "kernel-log", where: "kernel log", said }];
    return { code: "nic-refuses", ...refusal, evidence: exhibits };
  }
  const logged = loggedByDriver(suspect);
  const [only] = logged;
  // several that differ: it may be any of them, or none
  if (only === undefined || logged.length > 1) return undefined;
  return { code: "nic-refuses", message: messageIn(only.said), evidence: logged };
}

function fromList(by: "tc" | "mlx5", { megaflow }: Suspect): Reason | undefined {
  const refusal = listedRefusal(by, megaflow);
  if (refusal === undefined) return undefined;
  const code = by === "tc" ? "tc-refuses" : "nic-refuses";
  return { code, ...refusal, evidence: [listing(by, refusal)] };
}

function listing(by: "tc" | "mlx5", { message }: ListedRefusal): Exhibit {
  const where = by === "tc" ? "what OVS's TC layer refuses" : "what mlx5 refuses";
  return { source: "refusal-list", where, said: message };
}

function silence({ state }: Suspect): Reason {
  return { code: state === "software-ovs" ? "tc-silent" : "nic-silent", evidence: [] };
}

function setting(said: string): Exhibit {
  return { source: "settings", where: "settings of Open vSwitch", said };
}
