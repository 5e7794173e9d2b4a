/**
 * Whether the NIC's own counters bear out what Open vSwitch says of a megaflow. A driver that takes a filter and never
 * forwards by it still gives `offloaded:yes` and growing packet counts: the CPU does the work and counts.
 */

import type { Megaflow } from "../../datapath/megaflow.js";
import type { Evidence } from "./evidence.js";
import { softwarePacketsOf, type TcFilter, type TcFilters } from "./tc-filter.js";
import { cookieOfUfid } from "./ufid.js";

export type Confirmation =
  /** The NIC has counted packets of it. */
  | {
      readonly kind: "confirmed";
      readonly device: string;
      readonly hardwarePackets: number;
      readonly softwarePackets: number;
    }
  /** The CPU has counted packets of it long after the NIC took it, and the NIC none. */
  | { readonly kind: "contradicted"; readonly device: string; readonly softwarePackets: number }
  /** The kernel says that no NIC has it. */
  | { readonly kind: "denied"; readonly device: string }
  | { readonly kind: "open"; readonly because: OpenBecause; readonly said?: string };

export type OpenBecause =
  /** A lone dump: nobody asked tc. */
  | "not-asked"
  | "unreadable"
  /** Another layer than TC put it into hardware: DPDK, or somebody's own. */
  | "other-layer"
  /** No filter with its cookie: it has come or gone between the two dumps. */
  | "no-filter"
  /** The driver answers for no counters. */
  | "no-counters"
  /** Nobody has counted a packet: idle, or counters that stand still. */
  | "no-packets"
  /** The CPU has counted packets, but only while the NIC may not have been ready. */
  | "too-early";

/**
 * Packets that come before the NIC is ready meet the filter in software, rightly so. tc tells whole seconds, so two of
 * them apart are more than one second; mlx5 reads its counters every second (MLX5_FC_STATS_PERIOD).
 */
const settledSeconds = 2;

/** For a megaflow that Open vSwitch calls offloaded. */
export function confirmationOf(
  megaflow: Megaflow,
  inPort: string,
  evidence: Evidence,
): Confirmation {
  const { tc } = evidence;
  if (megaflow.layer !== "tc") return open("other-layer", megaflow.layer);
  if (tc === undefined) return open("not-asked");
  const reading = tc.get(inPort);
  if (reading === undefined) return open("unreadable", "the port was not asked");
  if ("unread" in reading) return open("unreadable", reading.unread);
  const filter = filterOf(megaflow, reading);
  if (filter === undefined) return open("no-filter");
  const earlier = evidence.tcBefore?.get(inPort);
  const before =
    earlier === undefined || "unread" in earlier ? undefined : filterOf(megaflow, earlier);
  return sinceThen(filter, before) ?? confirmationBy(filter);
}

/** Of two readings the difference: a NIC that has counted once may have stopped. */
function sinceThen(now: TcFilter, before: TcFilter | undefined): Confirmation | undefined {
  if (before?.inHardware !== true || now.inHardware !== true) return undefined;
  if (!now.counters.driverCounts || now.counters.packets < before.counters.packets)
    return undefined;
  const hardware = (now.counters.hardwarePackets ?? 0) - (before.counters.hardwarePackets ?? 0);
  const softwarePackets = softwarePacketsOf(now.counters) - softwarePacketsOf(before.counters);
  if (softwarePackets <= 0 || hardware > 0) return undefined;
  return { kind: "contradicted", device: now.device, softwarePackets };
}

export function filterOf({ ufid }: Megaflow, { byCookie }: TcFilters): TcFilter | undefined {
  return ufid === undefined ? undefined : byCookie.get(cookieOfUfid(ufid));
}

function confirmationBy(filter: TcFilter): Confirmation {
  const { device, counters } = filter;
  const { hardwarePackets = 0, driverCounts, installedSeconds, lastUsedSeconds } = counters;
  if (filter.inHardware === false) return { kind: "denied", device };
  const softwarePackets = softwarePacketsOf(counters);
  if (hardwarePackets > 0) return { kind: "confirmed", device, hardwarePackets, softwarePackets };
  if (softwarePackets === 0) return open("no-packets");
  // without a driver's word the total may well be the NIC's
  if (!driverCounts) return open("no-counters");
  if (installedSeconds === undefined || lastUsedSeconds === undefined) return open("too-early");
  return installedSeconds - lastUsedSeconds < settledSeconds
    ? open("too-early")
    : { kind: "contradicted", device, softwarePackets };
}

function open(because: OpenBecause, said?: string): Confirmation {
  return { kind: "open", because, ...(said === undefined ? {} : { said }) };
}
