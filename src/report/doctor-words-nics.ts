/** Words for findings about eSwitches, their ports, and the kernel. */

import type { EswitchFinding, PortFilter, PortFinding } from "../verify/doctor/doctor-finding.js";
import type { KernelFinding } from "../verify/doctor/hardware-finding.js";
import { counted, type DoctorWords, forEach, named } from "./doctor-text-parts.js";

export function describeEswitchFinding(finding: EswitchFinding): DoctorWords {
  switch (finding.code) {
    case "no-eswitch":
      return {
        seen: "no interface of this node belongs to a NIC in switchdev mode (none has a phys_switch_id)",
        why: "without an eSwitch there is nothing to offload to",
        todo: "`devlink dev eswitch set pci/ADDRESS mode switchdev` for the NIC of each rail; `devlink dev` lists them",
      };
    case "switchdev":
      return {
        seen: `${finding.device}: switchdev mode${finding.evidence === "representors" ? " (its ports have a switch id)" : ""}`,
        why: "only then the eSwitch takes flows from tc",
      };
    case "not-switchdev":
      return {
        seen: `${finding.device}: eSwitch mode \`${finding.mode}\``,
        why:
          finding.mode === "legacy"
            ? "it forwards by MAC and VLAN only, and VFs have no representors"
            : "the eSwitch takes flows only in mode `switchdev`",
        todo: `\`devlink dev eswitch set ${finding.device} mode switchdev\`, with its VFs unbound or not yet made`,
      };
    case "inline-mode":
      return {
        seen: `${finding.device}: inline-mode \`${finding.mode}\``,
        why: "flows that match deeper headers are refused (`Flow is not offloaded due to min inline setting`)",
        todo: `\`devlink dev eswitch set ${finding.device} inline-mode none\`; ConnectX-4 may need \`transport\``,
      };
    case "slow-steering":
      return {
        seen: `${finding.device}: flow_steering_mode \`${finding.mode}\``,
        why: "the firmware inserts each flow, slower than the driver itself does (smfs)",
        todo: `in legacy mode: \`devlink dev param set ${finding.device} name flow_steering_mode value smfs cmode runtime\``,
      };
    case "virtual-functions":
      return {
        seen: `\`${finding.uplink}\` (${finding.device}): ${counted(finding.now, "VF")} of ${finding.most}, ${counted(finding.representors, "representor")}`,
        why: "each pod's VF needs a representor on the bridge",
      };
    case "no-virtual-functions":
      return {
        seen: `\`${finding.uplink}\` (${finding.device}): no VFs, of ${finding.most} possible`,
        why: "pods get VFs; without them there is nothing to fence",
        todo: `\`echo 8 > /sys/bus/pci/devices/${finding.device}/sriov_numvfs\``,
      };
    case "representors-missing":
      return {
        seen: `\`${finding.uplink}\` (${finding.device}): ${counted(finding.now, "VF")}, but ${counted(finding.representors, "representor")}`,
        why: "traffic of a VF without a representor never meets Open vSwitch",
        todo: `make them anew in switchdev mode: \`echo 0 > /sys/bus/pci/devices/${finding.device}/sriov_numvfs; echo ${finding.now} > /sys/bus/pci/devices/${finding.device}/sriov_numvfs\` (pods lose theirs)`,
      };
  }
}

export function describePortFinding(finding: PortFinding): DoctorWords {
  switch (finding.code) {
    case "tc-offload-on":
      return {
        seen: `hw-tc-offload is on at ${counted(finding.ports, "port")}`,
        why: "the driver takes filters from tc only then",
      };
    case "tc-offload-off":
      return {
        seen: `hw-tc-offload is off at ${named(finding.ports)}`,
        why: "flows that come in there stay in software TC (`dp:tc` without `offloaded`)",
        todo: forEach(finding.ports, "port", (port) => `ethtool -K ${port} hw-tc-offload on`),
      };
    case "tc-offload-fixed-off":
      return {
        seen: `hw-tc-offload is off at ${named(finding.ports)} and cannot be switched on`,
        why: "the driver or its firmware has no offload through tc, or not in this mode",
        todo: "`ethtool -i PORT` shows driver and firmware: update them, or use another NIC",
      };
    case "ingress-qdisc":
      return {
        seen: `${counted(finding.ports, "port")} ${finding.ports === 1 ? "has its" : "have their"} ingress qdisc`,
        why: "tc keeps its filters there",
      };
    case "ingress-qdisc-missing":
      return {
        seen: `no ingress qdisc at ${named(finding.ports)}`,
        why: "Open vSwitch made one when it took the port; something removed it (NetworkManager does), and flows fail with `No such file or directory`",
        todo: `${forEach(finding.ports, "port", (port) => `tc qdisc add dev ${port} ingress`)}, and keep NetworkManager off these ports`,
      };
    case "filters-owned":
      return {
        seen: `${counted(finding.filters, "flower filter")}, each of them a megaflow of Open vSwitch`,
        why: "a filter without an owner would handle packets before Open vSwitch does",
      };
    case "orphan-filters":
      return {
        seen: `${counted(finding.filters.length, "flower filter")} ${finding.filters.length === 1 ? "belongs" : "belong"} to no megaflow: ${placesOf(finding.filters)}`,
        why: whyOrphans(finding),
        todo: `${forEach(portsOf(finding.filters), "port", (port) => `tc filter del dev ${port} ingress`)}, which removes all filters there; Open vSwitch makes its own anew`,
      };
    case "foreign-filters":
      return {
        seen: `${counted(finding.filters.length, "filter")} of other programs than Open vSwitch: ${placesOf(finding.filters)}`,
        why: "they may handle packets before Open vSwitch does",
        todo: `${forEach(portsOf(finding.filters), "port", (port) => `tc -s filter show dev ${port} ingress`)} shows what they do; remove them with the program that made them`,
      };
    case "ports-down":
      return {
        seen: `${named(finding.ports)} ${finding.ports.length === 1 ? "is" : "are"} down`,
        why: "no packet passes; a representor that is down cuts its pod off",
        todo: forEach(finding.ports, "port", (port) => `ip link set ${port} up`),
      };
  }
}

function whyOrphans({
  offloadIsOff,
  offBridge,
}: Extract<PortFinding, { readonly code: "orphan-filters" }>): string {
  if (offBridge.length > 0)
    return `${named(offBridge)} ${offBridge.length === 1 ? "is" : "are"} on no bridge, and what comes in there is still forwarded, by flows of the past and past every fence`;
  return offloadIsOff
    ? "Open vSwitch left them when hw-offload was switched off: they handle packets before it does, by flows of the past"
    : "they handle packets before Open vSwitch does, by flows that it no longer has";
}

function portsOf(filters: readonly PortFilter[]): string[] {
  return [...new Set(filters.map(({ port }) => port))];
}

function placesOf(filters: readonly PortFilter[]): string {
  return named(filters.map(({ port, filter }) => `dev ${port} ${filter}`));
}

export function describeKernelFinding(finding: KernelFinding): DoctorWords {
  switch (finding.code) {
    case "modules":
      return {
        seen: "the kernel has every module that tc needs for Open vSwitch's flows",
        why: "tc refuses keys and actions without theirs",
      };
    case "modules-missing":
      return {
        seen: `the kernel lacks ${named(finding.modules)}`,
        why: "tc refuses flows of railfence without them",
        todo: "install the distribution's full kernel package (Debian: `linux-image-amd64`; RHEL: `dnf install kernel-modules-extra`)",
      };
    case "other-modules-missing":
      return {
        seen: `the kernel lacks ${named(finding.modules)}`,
        why: "flows of railfence do without; VLANs, tunnels, conntrack or meters of other tools stay on the CPU",
        todo: "if they are used: install the distribution's full kernel package (RHEL: `dnf install kernel-modules-extra`)",
      };
    case "tc-skb-ext":
      return {
        seen: "the kernel has CONFIG_NET_TC_SKB_EXT",
        why: "flows with conntrack need it",
      };
    case "no-tc-skb-ext":
      return {
        seen: `kernel ${finding.release} has no CONFIG_NET_TC_SKB_EXT`,
        why: "flows that recirculate (conntrack, NAT) stay on the CPU; flows of railfence do not recirculate",
        todo: "fine for railfence alone; for other tools' flows: a kernel that has it (RHEL, Ubuntu)",
      };
  }
}
