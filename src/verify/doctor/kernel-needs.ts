/** Kernel modules and options that offload through tc needs, and what for. */

/** Without these no flow of railfence reaches a NIC: key, output, drop, rewrite of MACs with its checksums. */
export const neededModules: readonly string[] = [
  ...["openvswitch", "sch_ingress", "cls_flower"],
  ...["act_mirred", "act_gact", "act_pedit", "act_csum"],
];

/** For flows that other tools make: VLANs, tunnels, conntrack, meters. */
export const otherModules: readonly string[] = [
  ...["act_vlan", "act_tunnel_key", "act_ct", "act_police"],
];

/** GPUDirect RDMA through NVIDIA's older interface, under both of its names. */
export const peerModules: readonly string[] = ["nvidia_peermem", "nv_peer_mem"];

export const gpuModules: readonly string[] = ["nvidia", "amdgpu"];

export const wantedModules: readonly string[] = [
  ...neededModules,
  ...otherModules,
  ...peerModules,
  ...gpuModules,
];

/** Hands a packet's chain from tc to openvswitch.ko: flows with conntrack need it (Linux commit 95a7233c452a). */
export const recirculationOption = "CONFIG_NET_TC_SKB_EXT";

/** Lets amdgpu's memory be reached by a NIC (drivers/gpu/drm/amd/amdkfd/Kconfig). */
export const amdPeerOption = "CONFIG_HSA_AMD_P2P";

export const wantedOptions: readonly string[] = [recirculationOption, amdPeerOption];
