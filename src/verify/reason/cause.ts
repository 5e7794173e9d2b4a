/** Why a megaflow is not in hardware, and what that was read from. */

import type { Place } from "../../datapath/megaflow.js";
import type { Exhibit } from "../evidence/evidence.js";

export type Reason = Cause & {
  /** What speaks for it, the best first; never empty, unless nothing was found. */
  readonly evidence: readonly Exhibit[];
};

export type Cause =
  | { readonly code: "userspace-datapath" }
  | { readonly code: "hw-offload-off" }
  | { readonly code: "tc-policy-skips-hardware" }
  | { readonly code: "host-port"; readonly port: string }
  | { readonly code: "slow-path"; readonly reason: string; readonly place: Place }
  | {
      readonly code: "tc-refuses" | "nic-refuses";
      /** OVS's or the driver's own message, where it has one. */
      readonly message?: string;
      /** The part of the megaflow that is refused, where that is known. */
      readonly part?: string;
      readonly place?: Place;
    }
  /** The NIC takes such a megaflow, and has no room for this one. */
  | { readonly code: "table-full" }
  /** The driver of the port does not take tc filters: `hw-tc-offload` is off. */
  | { readonly code: "port-offload-off"; readonly port: string; readonly isFixed: boolean }
  /** It leaves by the switch of another NIC. */
  | { readonly code: "other-nic"; readonly inPort: string; readonly outPort: string }
  /** A port of the megaflow belongs to no NIC's switch. */
  | { readonly code: "not-on-the-nic"; readonly port: string }
  /** The NIC took it, and the CPU forwards and counts its packets all the same. */
  | { readonly code: "not-forwarding"; readonly softwarePackets: number }
  /** OVS logged that it failed, with an error that says nothing more. */
  | { readonly code: "offload-failed"; readonly error: string }
  /** The kernel said yes to OVS and no to the hardware: only `tc -s filter show` and the kernel log know more. */
  | { readonly code: "nic-silent" }
  | { readonly code: "tc-silent" }
  | { readonly code: "partial-by-design" };
