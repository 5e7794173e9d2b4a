/** Words for findings about bridges. */

import type { BridgeFinding } from "../verify/doctor/doctor-finding.js";
import type { FlowUses } from "../verify/doctor/node-facts.js";
import { counted, type DoctorWords, forEach, named } from "./doctor-text-parts.js";

export function describeBridgeFinding(finding: BridgeFinding): DoctorWords {
  switch (finding.code) {
    case "no-bridge":
      return {
        seen: "Open vSwitch has no bridge",
        why: "each rail needs one, with its uplink and its representors",
        todo: "`ovs-vsctl add-br br-pf1 -- set Bridge br-pf1 fail_mode=secure -- add-port br-pf1 UPLINK`",
      };
    case "no-nic-bridge":
      return {
        seen: `no port of ${counted(finding.bridges.length, "bridge")} (${named(finding.bridges)}) belongs to a NIC in switchdev mode`,
        why: "only flows between ports of one eSwitch can be offloaded",
        todo: "`ovs-vsctl add-port BRIDGE UPLINK`, and the representors likewise",
      };
    case "kernel-datapath":
      return {
        seen: `bridge \`${finding.bridge}\` uses the kernel's datapath`,
        why: "tc, and through it the NIC's eSwitch, works with no other",
      };
    case "userspace-datapath":
      return {
        seen: `bridge \`${finding.bridge}\` has datapath_type \`${finding.type}\``,
        why:
          finding.type === "dummy"
            ? "it is a datapath for tests: nothing of it reaches a NIC"
            : "its packets are handled by ovs-vswitchd on the CPU; offload through tc works with the kernel's datapath only",
        todo: `\`ovs-vsctl set Bridge ${finding.bridge} datapath_type=system\`, which empties the bridge: install again`,
      };
    case "one-nic":
      return {
        seen: `bridge \`${finding.bridge}\` holds one NIC: uplink \`${finding.uplink}\` and ${counted(finding.representors, "representor")} (switch id ${finding.switchId})`,
        why: "flows between ports of different NICs are never offloaded",
      };
    case "several-nics":
      return {
        seen: `bridge \`${finding.bridge}\` holds ports of ${finding.nics.length} NICs: ${finding.nics.map(({ switchId, ports }) => `${named(ports)} (switch id ${switchId})`).join("; ")}`,
        why: "flows between them are never offloaded (mlx5: `devices are not on same switch HW`)",
        todo: `give each NIC a bridge of its own: \`ovs-vsctl del-port ${finding.bridge} PORT\`, then \`ovs-vsctl add-port OTHER-BRIDGE PORT\``,
      };
    case "several-uplinks":
      return {
        seen: `bridge \`${finding.bridge}\` holds ${finding.uplinks.length} uplinks: ${named(finding.uplinks)}`,
        why: "they are ports of one card, and yet flows from one's VFs to the other's need a merged eSwitch, which not every NIC has",
        todo: "one bridge for each physical function",
      };
    case "no-uplink":
      return {
        seen: `bridge \`${finding.bridge}\` holds representors and not their uplink${finding.uplink === undefined ? "" : ` \`${finding.uplink}\``}`,
        why: "traffic to other nodes has no way out in hardware",
        todo: `\`ovs-vsctl add-port ${finding.bridge} ${finding.uplink ?? "UPLINK"}\``,
      };
    case "representors-elsewhere":
      return {
        seen: `${named(finding.representors)} on bridge \`${finding.bridge}\`, its uplink \`${finding.uplink}\` on bridge \`${finding.uplinkBridge}\``,
        why: "VF and uplink must share a bridge; otherwise their flows leave the eSwitch",
        todo: forEach(
          finding.representors,
          "port",
          (port) =>
            `ovs-vsctl del-port ${finding.bridge} ${port} -- add-port ${finding.uplinkBridge} ${port}`,
        ),
      };
    case "software-ports":
      return {
        seen: `bridge \`${finding.bridge}\` has ports that no NIC knows: ${named(finding.ports)}`,
        why: "flows from or to them stay on the CPU",
        todo: "fine if they carry nothing that must be fast; otherwise give them VFs",
      };
    case "port-error":
      return {
        seen: `port \`${finding.port}\` of bridge \`${finding.bridge}\` does not work: ${finding.error}`,
        why: "representors lose their names at a reboot and leave such ports behind",
        todo: `\`ovs-vsctl del-port ${finding.bridge} ${finding.port}\` if the VF is gone`,
      };
    case "hashing-bond":
      return {
        seen: `bond \`${finding.port}\` of bridge \`${finding.bridge}\` has bond_mode \`balance-tcp\``,
        why: "it hashes each packet in the datapath, an action that tc does not have: its flows stay on the CPU",
        todo: `\`ovs-vsctl set Port ${finding.port} bond_mode=active-backup\`, or a bond of the kernel (VF-LAG)`,
      };
    case "sampling":
      return {
        seen: `bridge \`${finding.bridge}\` samples packets for ${finding.by}`,
        why: "every flow gets a sampling action, which tc refuses: all traffic of the bridge stays on the CPU",
        todo: `\`ovs-vsctl clear Bridge ${finding.bridge} ${finding.by.toLowerCase()}\``,
      };
    case "netflow":
      return {
        seen: `bridge \`${finding.bridge}\` exports NetFlow`,
        why: "megaflows then match ports, protocol and TOS of every connection: there are far more of them",
        todo: `\`ovs-vsctl clear Bridge ${finding.bridge} netflow\``,
      };
    case "mirror":
      return {
        seen: `bridge \`${finding.bridge}\` has ${counted(finding.mirrors, "mirror")}`,
        why: "mirrored flows get a second output; they are offloaded only if that port belongs to the same NIC",
        todo: `\`ovs-vsctl clear Bridge ${finding.bridge} mirrors\` when it is no longer needed`,
      };
    case "fail-mode-secure":
      return {
        seen: `bridge \`${finding.bridge}\` has fail_mode \`secure\``,
        why: "it forwards nothing while it has no flows",
      };
    case "fail-mode-open":
      return {
        seen:
          finding.failMode === "unset"
            ? `bridge \`${finding.bridge}\` has no fail_mode, which Open vSwitch takes as \`standalone\``
            : `bridge \`${finding.bridge}\` has fail_mode \`standalone\``,
        why: "after a restart it forwards everything until the next install",
        todo: `\`ovs-vsctl set-fail-mode ${finding.bridge} secure\`, which empties the bridge: install again`,
      };
    case "flows":
      return {
        seen: `bridge \`${finding.bridge}\` holds ${counted(finding.own, "flow")} of railfence and ${finding.foreign} of others`,
        why: "flows of others may be matched before those of railfence",
      };
    case "foreign-flows":
      return {
        seen: `${counted(finding.use.count, "flow")} of others on bridge \`${finding.bridge}\` ${finding.use.count === 1 ? "uses" : "use"} ${actionNames[finding.use.action]}, such as \`${finding.use.example}\``,
        why: reasons[finding.use.action],
        todo: "`railfence verify` tells whether traffic meets them; remove them with the tool that made them",
      };
  }
}

type Action = FlowUses["uses"][number]["action"];

const actionNames: Readonly<Record<Action, string>> = {
  normal: "`NORMAL`",
  flood: "`FLOOD` or `ALL`",
  conntrack: "conntrack (`ct`)",
  controller: "`CONTROLLER`",
  group: "groups",
  learn: "`learn`",
};

const reasons: Readonly<Record<Action, string>> = {
  normal:
    "its megaflows match exact MACs and change with every MAC that moves; one that goes to the bridge's own port too stays in software",
  flood: "an output to the bridge's own port or to more than 32 ports keeps a flow in software",
  conntrack:
    "the first packets of each connection stay on the CPU, and each recirculated step must be offloaded for itself",
  controller: "packets to the controller leave the datapath",
  group: "groups of type select hash each packet, which tc does not have",
  learn: "flows change with traffic, and what they make is nobody's policy",
};
