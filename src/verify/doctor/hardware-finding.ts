/** Findings about the kernel, RDMA and PCIe, and about what the inventory says of the node. */

import type { PciDistance } from "./pci-distance.js";

export type KernelFinding =
  | { readonly code: "tc-skb-ext" }
  | { readonly code: "no-tc-skb-ext"; readonly release: string }
  | { readonly code: "modules" }
  | { readonly code: "modules-missing"; readonly modules: readonly string[] }
  | { readonly code: "other-modules-missing"; readonly modules: readonly string[] };

export type RdmaFinding =
  | {
      readonly code: "rdma-device";
      readonly uplink: string;
      readonly device: string;
      readonly port: number;
    }
  | { readonly code: "no-rdma-device"; readonly uplink: string }
  | {
      readonly code: "rdma-port-down";
      readonly uplink: string;
      readonly device: string;
      readonly port: number;
      readonly state: string;
    }
  | {
      readonly code: "no-roce-v2";
      readonly uplink: string;
      readonly device: string;
      readonly gidTypes: readonly string[];
    }
  | { readonly code: "rdma-exclusive" }
  | { readonly code: "rdma-shared" }
  | {
      readonly code: "mtu" | "mtu-small";
      readonly uplink: string;
      readonly mtu: number;
      /** What RoCE makes of it. */
      readonly pathMtu: number;
    }
  | {
      readonly code: "mtu-differs";
      readonly uplink: string;
      readonly mtu: number;
      readonly ports: readonly { readonly name: string; readonly mtu: number }[];
    };

export type PcieFinding =
  | { readonly code: "no-gpu" }
  | {
      readonly code: "gpu-near-nic";
      readonly gpu: string;
      readonly nics: readonly string[];
      /** The bridge whose branches they are. */
      readonly bridge: string;
    }
  | {
      readonly code: "gpu-far-from-nic";
      readonly gpu: string;
      readonly nic: string;
      readonly distance: PciDistance;
    }
  | { readonly code: "no-rdma-nic" }
  | { readonly code: "pcie-link"; readonly devices: number }
  | {
      readonly code: "pcie-link-slow";
      readonly device: string;
      readonly kind: "gpu" | "nic";
      readonly now: string;
      readonly most: string;
    }
  | { readonly code: "acs-off" }
  | {
      readonly code: "acs-redirects";
      readonly bridges: readonly string[];
      readonly gpu: string;
      readonly nic: string;
    }
  | { readonly code: "iommu-passes" }
  | { readonly code: "iommu-translates"; readonly devices: readonly string[] }
  | { readonly code: "peer-memory"; readonly by: string }
  | { readonly code: "no-peer-memory"; readonly vendor: "NVIDIA" | "AMD" };

export type InventoryFinding =
  | { readonly code: "inventory-fits"; readonly rail: string; readonly endpoints: number }
  | { readonly code: "inventory-bridge-missing"; readonly rail: string; readonly bridge: string }
  | {
      readonly code: "inventory-port-missing";
      readonly rail: string;
      readonly port: string;
      readonly role: PortRole;
    }
  | {
      readonly code: "inventory-port-elsewhere";
      readonly rail: string;
      readonly port: string;
      readonly role: PortRole;
      readonly bridge: string;
      /** Absent: on no bridge. */
      readonly found?: string;
    }
  | {
      readonly code: "inventory-port-not-in-eswitch";
      readonly rail: string;
      readonly port: string;
      readonly role: PortRole;
    }
  | {
      readonly code: "inventory-mac-differs";
      readonly rail: string;
      readonly port: string;
      readonly of: "bridge" | "endpoint";
      readonly expected: string;
      readonly found: string;
    };

export type PortRole = "uplink" | "representor";
