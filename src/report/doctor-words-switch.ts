/** Words for findings about Open vSwitch itself. */

import type { FlowApiEvidence, SwitchFinding } from "../verify/doctor/doctor-finding.js";
import { counted, type DoctorWords, restart } from "./doctor-text-parts.js";

export function describeSwitchFinding(finding: SwitchFinding): DoctorWords {
  switch (finding.code) {
    case "switch-not-running":
      return {
        seen: `ovs-vswitchd does not run: there is no process of it in \`${finding.runDirectory}\``,
        why: "without it there are no bridges and no flows",
        todo: "`systemctl start openvswitch-switch` (on RHEL: `openvswitch`), or name its run directory with `--ovs`",
      };
    case "switch-version":
      return {
        seen: `Open vSwitch ${finding.version} runs`,
        why: "what can be offloaded depends on the version",
      };
    case "switch-too-old":
      return {
        seen: `Open vSwitch ${finding.version} runs`,
        why: "before 2.13 it does not say which layer holds a megaflow, so offload cannot be verified",
        todo: "install Open vSwitch 2.13 or newer",
      };
    case "hw-offload-on":
      return { seen: "hw-offload is `true`", why: "Open vSwitch gives flows to the NIC only then" };
    case "hw-offload-off":
      return {
        seen: "hw-offload is not `true`",
        why: "from its next start on, if not already, Open vSwitch keeps all traffic on the CPU",
        todo: `\`ovs-vsctl set Open_vSwitch . other_config:hw-offload=true\`, then ${restart}`,
      };
    case "flow-api-on":
      return {
        seen: `the ovs-vswitchd that runs offloads (${sourceOf(finding.evidence)})`,
        why: "hw-offload is read when it starts",
      };
    case "flow-api-off":
      return {
        seen: `hw-offload is \`true\`, but the ovs-vswitchd that runs${finding.since === undefined ? "" : ` since ${finding.since}`} does not offload (${sourceOf(finding.evidence)})`,
        why: "hw-offload is read when it starts: the setting is newer than the process",
        todo: restart,
      };
    case "flow-api-still-on":
      return {
        seen: `hw-offload is off, but the ovs-vswitchd that runs still offloads (${sourceOf(finding.evidence)})`,
        why: "the setting takes effect at the next start; offload ends then",
        todo: "`ovs-vsctl set Open_vSwitch . other_config:hw-offload=true` to keep it",
      };
    case "tc-policy":
      return {
        seen: `tc-policy is \`${finding.policy}\``,
        why: "flows go to the NIC, and to software TC where the NIC refuses them",
      };
    case "tc-policy-skips-hardware":
      return {
        seen: "tc-policy is `skip_hw`",
        why: "flows go to software TC only, never to the NIC",
        todo: `\`ovs-vsctl set Open_vSwitch . other_config:tc-policy=none\`, then ${restart}`,
      };
    case "tc-policy-skips-software":
      return {
        seen: "tc-policy is `skip_sw`",
        why: "conntrack in hardware needs software TC too; flows of railfence do not use it, those of other tools may",
        todo: "fine for railfence alone, and refusals show up in the log; else `ovs-vsctl set Open_vSwitch . other_config:tc-policy=none` and restart",
      };
    case "tc-policy-not-in-use":
      return {
        seen: `tc-policy is \`${finding.policy}\` in the database, \`${finding.inUse}\` in the ovs-vswitchd that runs`,
        why: "it is read once, when offload is first enabled",
        todo: restart,
      };
    case "flow-limit":
      return {
        seen: `${counted(finding.flows, "megaflow")}, the limit is ${finding.limit} now`,
        why: "above the limit no megaflow is made and every packet goes to the CPU",
      };
    case "flow-limit-near":
      return {
        seen: `${counted(finding.flows, "megaflow")}, and the limit is ${finding.limit} now`,
        why: "above the limit no megaflow is made and every packet goes to the CPU; Open vSwitch moves the limit with the time a dump takes",
        todo: "see what makes so many: `ovs-appctl dpctl/dump-flows -m | grep -o 'in_port([^)]*)' | sort | uniq -c`",
      };
    case "flow-limit-low":
      return {
        seen: `flow-limit is set to ${finding.setting}`,
        why: "Open vSwitch starts at 10000 by itself; above the limit every packet goes to the CPU",
        todo: "`ovs-vsctl remove Open_vSwitch . other_config flow-limit`",
      };
    case "max-idle":
      return {
        seen: `max-idle is ${finding.milliseconds} ms`,
        why: "a megaflow is gone this long after its last packet",
      };
    case "max-idle-short":
      return {
        seen: `max-idle is ${finding.milliseconds} ms`,
        why: "counters of the NIC arrive up to 2 s late: megaflows that carry traffic are taken for idle and made anew",
        todo: "`ovs-vsctl remove Open_vSwitch . other_config max-idle` (10000 ms)",
      };
    case "log-complaint":
      return describeComplaint(finding);
  }
}

function sourceOf(evidence: FlowApiEvidence): string {
  return evidence === "log" ? "its log" : `\`ovs-appctl ${evidence}\``;
}

function describeComplaint(finding: SwitchFinding & { code: "log-complaint" }): DoctorWords {
  const { kind, count, last } = finding.complaint;
  const often = count === 1 ? "once" : `${count} times`;
  const since = finding.sinceStart ? "since the start" : "in what is left of it";
  const seen = `${finding.path} says ${often} ${since}: ${wordsOf(last)}`;
  switch (kind) {
    case "no-flow-api":
      return {
        seen,
        why: "this port is no NIC's, or its driver has no offload: its traffic stays on the CPU",
        todo: "take it off the bridge of the rail if it carries the rail's traffic",
      };
    case "qdisc-failed":
      return {
        seen,
        why: "without an ingress qdisc tc has no place for the port's filters",
        todo: "`tc qdisc show`: remove what is in the way, then restart Open vSwitch",
      };
    case "recirculation":
      return {
        seen,
        why: "flows with conntrack need CONFIG_NET_TC_SKB_EXT in the kernel; flows of railfence do not recirculate",
        todo: "find whose flows they are: `ovs-appctl dpctl/dump-flows -m | grep recirc`",
      };
    case "other-filter-in-kernel":
      return {
        seen,
        why: "the kernel holds another match or action than Open vSwitch asked for: traffic may pass that should not",
        todo: "`railfence verify` tells which; `ovs-appctl vlog/set dpif_netlink:file:dbg` logs the rule",
      };
    case "flow-limit":
      return {
        seen,
        why: "above the limit no megaflow is made and every packet goes to the CPU",
        todo: "see what makes so many: `ovs-appctl dpctl/dump-flows -m | grep -o 'in_port([^)]*)' | sort | uniq -c`",
      };
    case "offload-failed":
      return {
        seen,
        why: "a flow of that port stayed in software",
        todo: "`railfence verify` tells which rule, and why",
      };
  }
}

/** Without time, number and module. */
function wordsOf(line: string): string {
  return line.split("|").slice(4).join("|") || line;
}
