/** Words for why a megaflow is not in hardware, and for what speaks for and against it. */

import type { Confirmation, OpenBecause } from "../verify/evidence/confirmation.js";
import type { Exhibit } from "../verify/evidence/evidence.js";
import type { Reason } from "../verify/reason/cause.js";

export function describeReason(reason: Reason): string {
  switch (reason.code) {
    case "userspace-datapath":
      return "userspace datapath: nothing can be offloaded here";
    case "hw-offload-off":
      return "`other_config:hw-offload` is not true: set it and restart ovs-vswitchd";
    case "tc-policy-skips-hardware":
      return "`other_config:tc-policy` is `skip_hw`: TC is told to leave the NIC out";
    case "host-port":
      return `the host's port \`${reason.port}\` takes part, and it is not in the NIC's switch`;
    case "slow-path":
      return `every packet goes to ovs-vswitchd (\`${reason.reason}\`)`;
    case "tc-refuses":
      return `OVS's TC layer refuses ${refused(reason)}`;
    case "nic-refuses":
      return `the NIC's driver refuses ${refused(reason)}`;
    case "table-full":
      return "the NIC's flow table is full";
    case "port-offload-off":
      return reason.isFixed
        ? `\`hw-tc-offload\` of \`${reason.port}\` is off for good: its driver takes no tc filters`
        : `\`hw-tc-offload\` of \`${reason.port}\` is off: \`ethtool -K ${reason.port} hw-tc-offload on\``;
    case "other-nic":
      return `it leaves by another NIC: \`${reason.inPort}\` and \`${reason.outPort}\` are not on the same switch`;
    case "not-on-the-nic":
      return `\`${reason.port}\` belongs to no NIC's switch`;
    case "not-forwarding":
      return "the NIC took it and does not forward by it: the CPU counts its packets, the NIC none";
    case "offload-failed":
      return `OVS failed to put it into TC: ${reason.error}`;
    case "nic-silent":
      return "the NIC refused it and OVS was not told: look at `tc -s filter show` and the kernel log";
    case "tc-silent":
      return "OVS could not put it into TC: look for `failed to offload flow` in the log of ovs-vswitchd";
    case "partial-by-design":
      return "the userspace datapath uses the NIC for the match only";
  }
}

function refused({ part, message }: { readonly part?: string; readonly message?: string }): string {
  const what = part === undefined ? "it" : `\`${part}\``;
  return message === undefined ? what : `${what}: ${message}`;
}

export function describeExhibit({ source, where, said }: Exhibit): string {
  // a list is knowledge, and no evidence of this switch
  if (source === "refusal-list") return `known: ${where}`;
  return `${where}: ${said}`;
}

/** Whether the NIC bears out that a megaflow is offloaded. */
export function describeConfirmation(confirmation: Confirmation): string {
  switch (confirmation.kind) {
    case "confirmed":
      return "the NIC's counters confirm it";
    case "contradicted":
      return `the NIC's counters do not confirm it: the CPU has counted ${confirmation.softwarePackets} packets`;
    case "denied":
      return "the kernel says that no NIC has it";
    case "open": {
      const words = unconfirmed[confirmation.because];
      return confirmation.said === undefined ? words : `${words}: ${confirmation.said}`;
    }
  }
}

const unconfirmed: Readonly<Record<OpenBecause, string>> = {
  "not-asked": "not confirmed: the dump alone does not have the NIC's counters",
  unreadable: "not confirmed: the counters could not be read",
  "other-layer": "not confirmed: only TC has counters that tell NIC and CPU apart",
  "no-filter": "not confirmed: tc has no filter of it, or no longer",
  "no-counters": "not confirmed: the driver does not count for it",
  "no-packets": "not confirmed: neither NIC nor CPU has counted a packet of it",
  "too-early": "not confirmed: the CPU counted its first packets, and none have come since",
};
