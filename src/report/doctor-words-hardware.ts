/** Words for findings about RDMA and PCIe. */

import type { PcieFinding, RdmaFinding } from "../verify/doctor/hardware-finding.js";
import type { PciDistance } from "../verify/doctor/pci-distance.js";
import { counted, type DoctorWords, forEach, named } from "./doctor-text-parts.js";

export function describeRdmaFinding(finding: RdmaFinding): DoctorWords {
  switch (finding.code) {
    case "rdma-device":
      return {
        seen: `\`${finding.uplink}\` is RDMA device \`${finding.device}\` port ${finding.port}: active, RoCE v2`,
        why: "RoCE v2 is what the rails carry",
      };
    case "no-rdma-device":
      return {
        seen: `\`${finding.uplink}\` has no RDMA device`,
        why: "pods on this rail get TCP and UDP, and no RDMA",
        todo: "`modprobe mlx5_ib`; `devlink dev param show` tells whether `enable_roce` is off",
      };
    case "rdma-port-down":
      return {
        seen: `RDMA device \`${finding.device}\` port ${finding.port} of \`${finding.uplink}\` is ${finding.state}`,
        why: "no RDMA passes, on the wire or between VFs of this NIC",
        todo: `\`ip link set ${finding.uplink} up\`, and look at the cable: \`ethtool ${finding.uplink}\``,
      };
    case "no-roce-v2":
      return {
        seen: `RDMA device \`${finding.device}\` of \`${finding.uplink}\` has no address (GID) of type RoCE v2`,
        why: "RoCE v1 is not IP: no rule about UDP 4791 covers it, and no leaf routes it",
        todo: `\`ip address add ADDRESS dev ${finding.uplink}\`: each address makes a GID; \`cma_roce_mode -d ${finding.device} -m 2\` for RDMA-CM`,
      };
    case "rdma-exclusive":
      return {
        seen: "RDMA devices belong to one network namespace each (netns exclusive)",
        why: "a pod sees its own RDMA device only",
      };
    case "rdma-shared":
      return {
        seen: "RDMA devices are shared by all network namespaces (netns shared)",
        why: "a pod that may open RDMA devices sees those of other pods too: the fence is around VFs, not around device files",
        todo: "before any pod starts: `rdma system set netns exclusive`; at boot: `options ib_core netns_mode=0` in /etc/modprobe.d",
      };
    case "mtu":
      return {
        seen: `\`${finding.uplink}\`: MTU ${finding.mtu}, enough for RDMA's path MTU of ${finding.pathMtu}`,
        why: "larger messages in fewer packets",
      };
    case "mtu-small":
      return {
        seen: `\`${finding.uplink}\`: MTU ${finding.mtu}, so RDMA's path MTU is ${finding.pathMtu}`,
        why: "4096, the largest, needs an MTU of 4200 or more on every hop; smaller packets cost throughput",
        todo: `\`ip link set ${finding.uplink} mtu 9000\`, on representors, VFs and leaf too`,
      };
    case "mtu-differs":
      return {
        seen: `uplink \`${finding.uplink}\` has MTU ${finding.mtu}, ${finding.ports
          .map(({ name, mtu }) => `\`${name}\` ${mtu}`)
          .slice(0, 6)
          .join(", ")}${finding.ports.length > 6 ? ` and ${finding.ports.length - 6} more` : ""}`,
        why: "packets larger than the smallest MTU on their way are lost without a word",
        todo: forEach(
          finding.ports.map(({ name }) => name),
          "port",
          (port) => `ip link set ${port} mtu ${finding.mtu}`,
        ),
      };
  }
}

export function describePcieFinding(finding: PcieFinding): DoctorWords {
  switch (finding.code) {
    case "no-gpu":
      return { seen: "no GPU found", why: "there is nothing to pair NICs with" };
    case "gpu-near-nic":
      return {
        seen: `GPU ${finding.gpu} and NIC ${finding.nics.join(", ")} share the PCIe switch at ${finding.bridge}`,
        why: "GPUDirect RDMA goes from one to the other and never through the CPU",
      };
    case "gpu-far-from-nic":
      return {
        seen: `GPU ${finding.gpu} shares no PCIe switch with a NIC; the nearest, ${finding.nic}, is ${placeOf(finding.distance)}`,
        why: "GPUDirect RDMA crosses the CPU: slower, and in some machines not at all",
        todo: "give jobs with RDMA the other GPUs, or move a card; in a virtual machine the real switches may be hidden",
      };
    case "no-rdma-nic":
      return {
        seen: "there are GPUs, and no NIC with an RDMA device or an eSwitch",
        why: "GPUDirect RDMA needs one",
        todo: "`ls /sys/class/infiniband`; `modprobe mlx5_ib`",
      };
    case "pcie-link":
      return {
        seen: `PCIe links of ${counted(finding.devices, "NIC and GPU", "NICs and GPUs")} are as wide and fast as they can be`,
        why: "a narrow link caps the rail",
      };
    case "pcie-link-slow":
      return {
        seen: `${finding.kind === "nic" ? "NIC" : "GPU"} ${finding.device}: PCIe link at ${finding.now}, able to ${finding.most}`,
        why: "the link caps what the device can carry",
        todo: `reseat the card or look at its slot: \`lspci -vv -s ${finding.device} | grep -E 'LnkCap|LnkSta'\``,
      };
    case "acs-off":
      return {
        seen: "no PCIe switch between a GPU and its NIC sends their traffic through the CPU (ACS)",
        why: "peers reach each other directly",
      };
    case "acs-redirects":
      return {
        seen: `ACS of ${finding.bridges.join(", ")} sends traffic between GPU ${finding.gpu} and NIC ${finding.nic} through the CPU`,
        why: "GPUDirect RDMA loses the shortcut through the PCIe switch",
        todo: `until the next boot: ${forEach(finding.bridges, "bridge", (bridge) => `setpci -s ${bridge} ECAP_ACS+6.w=0000`)}; it also separates devices of virtual machines`,
      };
    case "iommu-passes":
      return {
        seen: "no IOMMU translates addresses of NICs and GPUs",
        why: "peers reach each other with the addresses they know",
      };
    case "iommu-translates":
      return {
        seen: `the IOMMU translates addresses of ${finding.devices.join(", ")}`,
        why: "traffic between peers goes through the CPU to be translated",
        todo: "boot with `iommu=pt`",
      };
    case "peer-memory":
      return {
        seen: `NICs reach GPU memory by ${finding.by}`,
        why: "GPUDirect RDMA needs it",
      };
    case "no-peer-memory":
      return finding.vendor === "NVIDIA"
        ? {
            seen: "neither nvidia_peermem nor NVIDIA's open kernel modules are loaded",
            why: "without one of them a NIC cannot reach GPU memory: GPUDirect RDMA does not work",
            todo: "`modprobe nvidia-peermem`",
          }
        : {
            seen: "the kernel has no CONFIG_HSA_AMD_P2P",
            why: "without it a NIC cannot reach the memory of AMD GPUs",
            todo: "a kernel that has it, or AMD's own driver packages",
          };
  }
}

function placeOf(distance: PciDistance): string {
  switch (distance.kind) {
    case "same-switch":
      return `behind ${distance.bridge}`;
    case "same-root-complex":
      return "under the same root complex";
    case "same-numa-node":
      return `on the same NUMA node (${distance.numaNode})`;
    case "other-socket":
      return `on another socket (NUMA nodes ${named(distance.numaNodes.map(String)).replaceAll("`", "")})`;
    case "not-known":
      return "somewhere else (the firmware names no NUMA node)";
  }
}
