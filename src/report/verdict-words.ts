/** Words for what verify found: one sentence each, lower case, no full stop. */

import type { HandMadeEvidence, Origin } from "../verify/origin.js";
import type { Finding, RuleVerdict } from "../verify/verdict.js";
import type { Output } from "../verify/walk.js";

export function describeState(state: RuleVerdict["state"]): string {
  switch (state) {
    case "leak":
    case "blackhole":
    case "stale":
    case "unexplained":
    case "not-understood":
      return "see the findings below";
    case "offloaded":
      return "in the NIC, as far as its driver reports";
    case "partial":
      return "marked by the NIC, forwarded by the CPU";
    case "accepted-only":
      return "the NIC took it and does not forward: the CPU does";
    case "software-tc":
      return "in TC on the CPU: the NIC refused it";
    case "software-ovs":
      return "in Open vSwitch on the CPU";
    case "idle":
      return "no traffic seen, which says nothing about offload";
  }
}

export function describeFinding(finding: Finding): string {
  switch (finding.kind) {
    case "leak":
      return finding.expected.length === 0
        ? "a megaflow forwards what the policy drops"
        : "a megaflow forwards to a port that the policy does not name";
    case "blackhole":
      return "a megaflow drops what the policy forwards";
    case "stale":
      return "a megaflow does not do what the flows say now";
    case "unexplained":
      return `what a megaflow does cannot be compared with the policy: \`${finding.because ?? ""}\``;
    case "not-understood":
      return finding.parts.length === 0
        ? "a megaflow is not understood: it has no port"
        : `a megaflow is not understood: ${finding.parts.map(({ text }) => `\`${text}\``).join(", ")}`;
    case "no-offload-state":
      return "the dump does not say where its megaflows are: make it with `-m`";
    case "contradiction":
      return "Open vSwitch says of a megaflow that it is in hardware, and that it is not";
    case "unnamed-port":
      return "the dump has ports by number, and the numbers are not known: make it with `-m`";
    case "dump-of-elsewhere":
      return `the dump is not of this node: its megaflows came in at ${fewOf(finding.ports)}, none of which the inventory knows on it`;
    case "unreadable-line":
      return `a line of the dump is ${unreadable[finding.problem.kind]}`;
    case "table-full":
      return `the NIC has no room: ${finding.fit} megaflows of this rail are in hardware, ${finding.refused} are not`;
    case "flow-limit":
      return `the datapath has ${finding.flows} megaflows and makes no more than ${finding.limit}: what comes now goes to ovs-vswitchd packet by packet`;
    case "missing-flow":
      return "a flow is missing on the switch";
    case "extra-flow":
      return "a flow of railfence is on the switch that the policy does not ask for";
    case "changed-flow":
      return `a flow on the switch has other ${finding.changed === "cookie" ? "reasons (cookie)" : "actions"}`;
    case "foreign-flow":
      return "a flow of somebody else takes packets before railfence's flows do";
    case "way-around":
      return "a flow of somebody else may bring an endpoint packets that no flow of railfence has seen";
  }
}

export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case "wider":
      return "wider than the tables: it is right for others of its packets";
    case "stale":
      return "stale: the tables may do so, and do not do it with these packets";
    case "hand-made":
      return `hand-made: ${handMade[origin.evidence]}`;
  }
}

const handMade: Readonly<Record<HandMadeEvidence, string>> = {
  "no-ufid": "it has no ufid, and Open vSwitch gives one to each of its own",
  "no-ether-type": "it does not look at the EtherType, and each of Open vSwitch's own does",
  actions:
    "no flow asks for such actions (unless a mirror or sampling of the bridge adds what no flow tells of)",
};

function fewOf(names: readonly string[]): string {
  const few = names.slice(0, 5).map((name) => `\`${name}\``);
  const rest = names.length - few.length;
  return `${few.join(", ")}${rest > 0 ? ` and ${rest} more ports` : ""}`;
}

const unreadable = {
  truncated: "cut off",
  unbalanced: "damaged: its brackets do not match",
  "not-a-megaflow": "no megaflow",
} as const;

/** `drop`, or the ports; with what was rewritten where `withChanges`. */
export function describeOutputs(outputs: readonly Output[], withChanges: boolean): string {
  if (outputs.length === 0) return "drop";
  return outputs
    .map(({ port, changes }) =>
      withChanges && changes !== "" ? `rewrite ${changes}, then ${port}` : port,
    )
    .join(", ");
}
