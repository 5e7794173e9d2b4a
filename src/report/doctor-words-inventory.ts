/** Words for what the inventory says of the node, and for what could not be read. */

import type { InventoryFinding } from "../verify/doctor/hardware-finding.js";
import { counted, type DoctorWords } from "./doctor-text-parts.js";

export function describeInventoryFinding(finding: InventoryFinding): DoctorWords {
  const rail = `rail \`${finding.rail}\``;
  switch (finding.code) {
    case "inventory-fits":
      return {
        seen: `${rail}: bridge, uplink and ${counted(finding.endpoints, "endpoint")} are as the inventory says`,
        why: "flows are made for the ports that the inventory names",
      };
    case "inventory-bridge-missing":
      return {
        seen: `${rail}: there is no bridge \`${finding.bridge}\``,
        why: "the rail's flows have no place",
        todo: `\`ovs-vsctl add-br ${finding.bridge} -- set Bridge ${finding.bridge} fail_mode=secure\`, or correct the inventory`,
      };
    case "inventory-port-missing":
      return {
        seen: `${rail}: there is no ${finding.role} \`${finding.port}\` on this node`,
        why: "its flows cannot be installed",
        todo: "`grep . /sys/class/net/*/phys_port_name` lists what there is; correct the inventory, or make the VF",
      };
    case "inventory-port-elsewhere":
      return {
        seen: `${rail}: ${finding.role} \`${finding.port}\` is on ${finding.found === undefined ? "no bridge" : `bridge \`${finding.found}\``}, not on \`${finding.bridge}\``,
        why: "its flows stand on the rail's bridge, and its packets do not come there",
        todo:
          finding.found === undefined
            ? `\`ovs-vsctl add-port ${finding.bridge} ${finding.port}\``
            : `\`ovs-vsctl del-port ${finding.found} ${finding.port} -- add-port ${finding.bridge} ${finding.port}\`, or correct the inventory`,
      };
    case "inventory-port-not-in-eswitch":
      return {
        seen: `${rail}: ${finding.role} \`${finding.port}\` is no port of an eSwitch (it has no phys_switch_id)`,
        why: "its traffic cannot be offloaded",
        todo: "name the representor of the pod's VF in the inventory: `grep . /sys/class/net/*/phys_port_name`",
      };
    case "inventory-mac-differs":
      return finding.of === "bridge"
        ? {
            seen: `${rail}: bridge \`${finding.port}\` has MAC ${finding.found}, the inventory says ${finding.expected}`,
            why: "pods send to the MAC of the inventory, the leaf answers to that of the bridge",
            todo: `\`ovs-vsctl set Bridge ${finding.port} other_config:hwaddr=${finding.expected}\`, or correct the inventory`,
          }
        : {
            seen: `${rail}: the VF behind \`${finding.port}\` has MAC ${finding.found}, the inventory says ${finding.expected}`,
            why: "frames with another source MAC than the inventory's are dropped",
            todo: "correct the inventory, or give the VF that MAC before the pod starts: `ip link set UPLINK vf NUMBER mac MAC`",
          };
  }
}
