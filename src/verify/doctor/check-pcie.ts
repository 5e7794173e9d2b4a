/** Which GPU has a NIC beside it, and can the two reach each other without the CPU? */

import type { DoctorFinding } from "./doctor-finding.js";
import { valueIn } from "./fact.js";
import type { PciDevice, PciLink } from "./hardware-facts.js";
import type { PcieFinding } from "./hardware-finding.js";
import { amdPeerOption, peerModules } from "./kernel-needs.js";
import { pciAddressOf, railUplinksOf } from "./nic-ports.js";
import type { NodeFacts } from "./node-facts.js";
import { bridgesBetween, distanceOf, rankOf } from "./pci-distance.js";
import { unknownOf, unknownOfEach } from "./unknown.js";

export function checkPcie(facts: NodeFacts): DoctorFinding[] {
  const devices = valueIn(facts.pci.devices);
  // without the PCI devices nobody can tell whether a VF lacks its representor
  const atWorst = railUplinksOf(facts).length > 0 ? "problem" : "warning";
  if (devices === undefined) return unknownOf(facts.pci.devices, "pcie", "pci-devices", atWorst);
  const gpus = devices.filter(({ kind }) => kind === "gpu");
  const nics = rdmaNicsOf(facts, devices);
  const links = linkFindings([...gpus, ...nics]);
  if (gpus.length === 0) return [{ code: "no-gpu" }, ...links];
  if (nics.length === 0) return [{ code: "no-rdma-nic" }, ...links];
  return [
    ...gpus.flatMap((gpu) => distanceFindings(gpu, nics)),
    ...links,
    ...acsFindings(gpus, nics, devices),
    ...iommuFindings([...gpus, ...nics]),
    ...peerFindings(gpus, facts),
  ];
}

/** NICs with an RDMA device, and those of the rails whatever they have. */
function rdmaNicsOf(facts: NodeFacts, devices: readonly PciDevice[]): readonly PciDevice[] {
  const wanted = new Set([
    ...(valueIn(facts.rdma.devices) ?? []).map(({ pci }) => pci),
    ...railUplinksOf(facts).map(pciAddressOf),
  ]);
  return devices.filter(({ kind, address }) => kind === "nic" && wanted.has(address));
}

function distanceFindings(gpu: PciDevice, nics: readonly PciDevice[]): PcieFinding[] {
  const ranked = nics.toSorted((one, other) => rankOf(gpu, one) - rankOf(gpu, other));
  const [nearest] = ranked;
  if (nearest === undefined) return [];
  const distance = distanceOf(gpu, nearest);
  if (distance.kind !== "same-switch")
    return [{ code: "gpu-far-from-nic", gpu: gpu.address, nic: nearest.address, distance }];
  const near = ranked.filter((nic) => rankOf(gpu, nic) === rankOf(gpu, nearest));
  return [
    {
      code: "gpu-near-nic",
      gpu: gpu.address,
      nics: near.map(({ address }) => address),
      bridge: distance.bridge,
    },
  ];
}

/** A GPU at rest slows its link down to save power: only lanes that are missing say something. */
function linkFindings(devices: readonly PciDevice[]): PcieFinding[] {
  const withLink = devices.filter(({ link }) => link !== undefined);
  const slow = withLink.flatMap(({ address, kind, link }): PcieFinding[] => {
    if (link === undefined || kind === "bridge") return [];
    const isNarrow = link.width < link.mostWidth;
    const isSlow = kind === "nic" && link.speed < link.mostSpeed;
    if (!isNarrow && !isSlow) return [];
    const [now, most] = [printLink(link.speed, link.width), mostOf(link)];
    return [{ code: "pcie-link-slow", device: address, kind, now, most }];
  });
  if (slow.length > 0 || withLink.length === 0) return slow;
  return [{ code: "pcie-link", devices: withLink.length }];
}

function mostOf({ mostSpeed, mostWidth }: PciLink): string {
  return printLink(mostSpeed, mostWidth);
}

function printLink(speed: number, width: number): string {
  return `${speed} GT/s x${width}`;
}

/** PCI Express Base Specification 7.7.11.3: request redirect, completion redirect, upstream forwarding. */
const redirects = 0x04 | 0x08 | 0x10;

function acsFindings(
  gpus: readonly PciDevice[],
  nics: readonly PciDevice[],
  devices: readonly PciDevice[],
): DoctorFinding[] {
  const byAddress = new Map(devices.map((device) => [device.address, device]));
  const pairs = gpus.flatMap((gpu) =>
    nics
      .filter((nic) => distanceOf(gpu, nic).kind === "same-switch")
      .map((nic) => ({ gpu, nic, between: bridgesBetween(gpu, nic) })),
  );
  if (pairs.length === 0) return [];
  const acs = new Map(
    pairs.flatMap(({ between }) =>
      between.map((address) => [address, byAddress.get(address)?.acs ?? absent] as const),
    ),
  );
  const isRedirecting = (address: string) =>
    ((valueIn(acs.get(address) ?? absent) ?? 0) & redirects) !== 0;
  const findings: DoctorFinding[] = pairs.flatMap(({ gpu, nic, between }) => {
    const bridges = between.filter(isRedirecting);
    return bridges.length === 0
      ? []
      : [{ code: "acs-redirects", bridges, gpu: gpu.address, nic: nic.address } as const];
  });
  findings.push(...unknownOfEach(acs, "pcie", "acs", "warning"));
  return findings.length === 0 ? [{ code: "acs-off" }] : findings;
}

const absent = { state: "absent" } as const;

function iommuFindings(devices: readonly PciDevice[]): PcieFinding[] {
  const translated = devices
    .filter(({ iommu }) => valueIn(iommu)?.startsWith("DMA") === true)
    .map(({ address }) => address);
  return translated.length === 0
    ? [{ code: "iommu-passes" }]
    : [{ code: "iommu-translates", devices: translated }];
}

function peerFindings(gpus: readonly PciDevice[], facts: NodeFacts): DoctorFinding[] {
  const vendors = new Set(gpus.map(({ vendor }) => vendor));
  return [
    ...(vendors.has(0x10de) ? nvidiaFindings(facts) : []),
    ...(vendors.has(0x1002) ? amdFindings(facts) : []),
  ];
}

function nvidiaFindings({ kernel, pci }: NodeFacts): DoctorFinding[] {
  const loaded = valueIn(kernel.loadedModules);
  const module = peerModules.find((name) => loaded?.has(name) === true);
  if (module !== undefined) return [{ code: "peer-memory", by: module }];
  // DMA-BUF is a matter of the open kernel modules (NVIDIA GPUDirect RDMA documentation)
  if (/Open Kernel Module/i.test(valueIn(pci.nvidiaDriver) ?? ""))
    return [{ code: "peer-memory", by: "DMA-BUF of NVIDIA's open kernel modules" }];
  if (loaded === undefined)
    return unknownOf(kernel.loadedModules, "pcie", "peer-memory", "warning");
  return [{ code: "no-peer-memory", vendor: "NVIDIA" }];
}

function amdFindings({ kernel }: NodeFacts): DoctorFinding[] {
  const config = valueIn(kernel.config);
  if (config === undefined) return unknownOf(kernel.config, "pcie", "peer-memory", "warning");
  return config.get(amdPeerOption) === "y"
    ? [{ code: "peer-memory", by: amdPeerOption }]
    : [{ code: "no-peer-memory", vendor: "AMD" }];
}
