/** Why a megaflow is not in hardware: the first cause that explains it, from the whole switch down to one field. */

import type { Megaflow } from "../datapath/megaflow.js";
import { type Refusal, refusals } from "./refusals.js";
import type { OffloadState, Reason } from "./verdict.js";

/** What is known of the switch beside its dump. */
export interface Evidence {
  /** `system` (the kernel), `netdev` (DPDK) or `dummy`. */
  readonly datapathType?: string;
  /** `other_config:hw-offload`. */
  readonly hwOffload?: boolean;
  /** `other_config:tc-policy`. */
  readonly tcPolicy?: string;
  /** Open vSwitch's words where it did not list what is offloaded. */
  readonly offloadListRefused?: string;
}

export function reasonOf(
  megaflow: Megaflow,
  state: OffloadState,
  evidence: Evidence,
  bridge: string,
): Reason | undefined {
  if (state === "offloaded") return undefined;
  if (state === "partial") return { code: "partial-by-design" };
  const userspace = megaflow.actions.find((action) => action.kind === "userspace");
  if (isWithoutHardware(megaflow, evidence)) return { code: "userspace-datapath" };
  if (userspace?.kind === "userspace")
    return { code: "slow-path", reason: userspace.reason, place: userspace.place };
  if (evidence.hwOffload === false) return { code: "hw-offload-off" };
  if (state === "software-tc") {
    if (evidence.tcPolicy === "skip_hw") return { code: "tc-policy-skips-hardware" };
    const refused = refusalBy("mlx5", megaflow);
    if (refused !== undefined) return refused;
    return usesHostPort(megaflow, bridge)
      ? { code: "host-port", port: bridge }
      : { code: "nic-silent" };
  }
  return refusalBy("tc", megaflow) ?? refusalBy("mlx5", megaflow) ?? hostOrSilent(megaflow, bridge);
}

/** The userspace datapath adds `dp-extra-info`; only that of DPDK can drive a NIC. */
function isWithoutHardware(megaflow: Megaflow, { datapathType }: Evidence): boolean {
  if (datapathType !== undefined) return datapathType === "dummy";
  return megaflow.layer === "ovs" && megaflow.extraInfo !== undefined;
}

function refusalBy(by: Refusal["by"], megaflow: Megaflow): Reason | undefined {
  for (const refusal of refusals) {
    if (refusal.by !== by) continue;
    const place = refusal.find(megaflow);
    if (place === undefined) continue;
    const part = megaflow.source.text.slice(place.start, place.end);
    const code = by === "tc" ? "tc-refuses" : "nic-refuses";
    return { code, message: refusal.message, part, place };
  }
  return undefined;
}

function hostOrSilent(megaflow: Megaflow, bridge: string): Reason {
  return usesHostPort(megaflow, bridge)
    ? { code: "host-port", port: bridge }
    : { code: "tc-silent" };
}

/** The bridge's own port is no part of the NIC's switch. */
function usesHostPort(megaflow: Megaflow, bridge: string): boolean {
  return (
    megaflow.match.inPort === bridge ||
    megaflow.actions.some((action) => action.kind === "output" && action.port === bridge)
  );
}
