/** Reasons that ovs-vswitchd has logged: its own, or the driver's as the kernel handed them on. */

import type { Exhibit } from "../evidence/evidence.js";
import type { LoggedRefusal } from "../evidence/vswitchd-log.js";
import type { Reason } from "./cause.js";
import { partRefusedFor } from "./refused-part.js";
import type { Suspect } from "./suspect.js";

/** What is logged of this very flow: the log names it at debug level only. */
export function reasonFromLog(suspect: Suspect): Reason | undefined {
  const { refusals = [] } = suspect.evidence;
  const { ufid } = suspect.megaflow;
  const refusal = refusals.find((one) => one.ufid !== undefined && one.ufid === ufid);
  return refusal === undefined ? undefined : reasonOfRefusal(refusal, suspect);
}

/** What is logged of some flow of its port, when it is a failure and no mere refusal: those are logged at debug level. */
export function failureFromLog({ evidence, inPort, megaflow }: Suspect): Reason | undefined {
  const { refusals = [] } = evidence;
  const refusal = refusals.findLast(
    ({ ufid, device }) => device === inPort && (ufid === undefined || ufid === megaflow.ufid),
  );
  if (refusal === undefined) return undefined;
  return { code: "offload-failed", error: refusal.error, evidence: exhibitsOf(refusal) };
}

function reasonOfRefusal(refusal: LoggedRefusal, suspect: Suspect): Reason | undefined {
  const evidence = exhibitsOf(refusal);
  const { error, cause } = refusal;
  // ENOSPC, in the words of the C library
  if (error === "No space left on device") return { code: "table-full", evidence };
  // the kernel's answer without the driver's words
  if (cause === undefined || cause.message === error) return undefined;
  const message = cause.message.replace(/^\w+: /, "");
  const code = cause.by === "tc" ? "tc-refuses" : "nic-refuses";
  return { code, message, ...partRefusedFor(message, suspect.megaflow), evidence };
}

function exhibitsOf({ lines }: LoggedRefusal): readonly Exhibit[] {
  return lines.map((said) => ({ source: "vswitchd-log", where: "log of ovs-vswitchd", said }));
}
