/** PCI and RDMA devices, as sysfs shows them (Linux Documentation/ABI/testing/sysfs-bus-pci, stable/sysfs-class-infiniband). */

import type { Fact } from "./fact.js";

export type PciKind = "gpu" | "nic" | "bridge";

export interface PciDevice {
  /** `0000:3b:00.0`. */
  readonly address: string;
  readonly kind: PciKind;
  readonly vendor: number;
  readonly device: number;
  readonly driver?: string;
  /** From the root bus down to the device itself: `pci0000:3a`, `0000:3a:00.0`, …. */
  readonly path: readonly string[];
  /** Undefined where the firmware does not say. */
  readonly numaNode?: number;
  readonly link?: PciLink;
  /** `DMA`, `DMA-FQ`: addresses are translated; `identity`: they are not. Absent: no IOMMU in front of it. */
  readonly iommu: Fact<string>;
  /** Of a NIC that can have VFs. */
  readonly virtualFunctions?: { readonly now: number; readonly most: number };
  /** Control bits of Access Control Services (PCI Express Base Specification 7.7.11); absent: the bridge has none. */
  readonly acs: Fact<number>;
}

export interface PciLink {
  /** In GT/s. */
  readonly speed: number;
  readonly mostSpeed: number;
  readonly width: number;
  readonly mostWidth: number;
}

export interface RdmaDevice {
  readonly name: string;
  readonly pci?: string;
  readonly ports: readonly RdmaPort[];
}

export interface RdmaPort {
  readonly number: number;
  /** `ACTIVE`, `DOWN`, …. */
  readonly state?: string;
  /** `Ethernet` or `InfiniBand`. */
  readonly linkLayer?: string;
  readonly netdevs: readonly string[];
  /** `IB/RoCE v1`, `RoCE v2`. */
  readonly gidTypes: readonly string[];
}
