/** Does each rail carry RDMA: a device behind the uplink, RoCE v2, a link, frames large enough? */

import type { DoctorFinding } from "./doctor-finding.js";
import { valueIn } from "./fact.js";
import type { RdmaDevice, RdmaPort } from "./hardware-facts.js";
import { type NicPort, nicBridgesOf, pciAddressOf, railUplinksOf } from "./nic-ports.js";
import type { NodeFacts } from "./node-facts.js";
import { unknownOf } from "./unknown.js";

export function checkRdma(facts: NodeFacts): DoctorFinding[] {
  const uplinks = railUplinksOf(facts);
  if (uplinks.length === 0) return [];
  const { devices } = facts.rdma;
  if (devices.state === "unreadable") return unknownOf(devices, "rdma", "rdma-devices", "warning");
  const all = valueIn(devices) ?? [];
  return [
    ...uplinks.flatMap((uplink) => deviceFindings(uplink, all)),
    ...(all.length === 0 ? [] : namespaceFindings(facts)),
    ...(all.length === 0 ? [] : uplinks.flatMap(mtuFindings)),
    ...nicBridgesOf(facts).flatMap(({ uplinks: [uplink], representors }) =>
      uplink === undefined ? [] : differences(uplink, representors),
    ),
  ];
}

function deviceFindings(uplink: NicPort, devices: readonly RdmaDevice[]): DoctorFinding[] {
  const found = portBehind(uplink, devices);
  if (found === undefined) return [{ code: "no-rdma-device", uplink: uplink.name }];
  const { device, port } = found;
  const { number, state = "unknown", gidTypes } = port;
  const at = { uplink: uplink.name, device: device.name };
  if (state !== "ACTIVE") return [{ code: "rdma-port-down", ...at, port: number, state }];
  if (!gidTypes.includes("RoCE v2")) return [{ code: "no-roce-v2", ...at, gidTypes }];
  return [{ code: "rdma-device", ...at, port: number }];
}

/** By the netdev that the GID table names, else by the PCI function. */
function portBehind(
  uplink: NicPort,
  devices: readonly RdmaDevice[],
): { readonly device: RdmaDevice; readonly port: RdmaPort } | undefined {
  for (const device of devices)
    for (const port of device.ports)
      if (port.netdevs.includes(uplink.name)) return { device, port };
  const device = devices.find(({ pci }) => pci !== undefined && pci === pciAddressOf(uplink));
  const port = device?.ports[0];
  return device === undefined || port === undefined ? undefined : { device, port };
}

function namespaceFindings({ rdma }: NodeFacts): DoctorFinding[] {
  const mode = valueIn(rdma.namespaces);
  if (mode === undefined) return unknownOf(rdma.namespaces, "rdma", "rdma-namespaces", "warning");
  return [{ code: mode === "exclusive" ? "rdma-exclusive" : "rdma-shared" }];
}

/** What RoCE v2 puts around its data at most: iboe_get_mtu() of the kernel's include/rdma/ib_addr.h. */
const roceHeaders = 40 + 8 + 12 + 4 + 28 + 4;
const pathMtus = [4096, 2048, 1024, 512, 256];
const mostPathMtu = 4096;

function mtuFindings({ name: uplink, mtu }: NicPort): DoctorFinding[] {
  if (mtu === undefined) return [];
  const pathMtu = pathMtus.find((size) => size + roceHeaders <= mtu) ?? 0;
  return [{ code: pathMtu < mostPathMtu ? "mtu-small" : "mtu", uplink, mtu, pathMtu }];
}

function differences(uplink: NicPort, representors: readonly NicPort[]): DoctorFinding[] {
  const { mtu } = uplink;
  if (mtu === undefined) return [];
  const ports = representors.flatMap(({ name, mtu: own }) =>
    own === undefined || own === mtu ? [] : [{ name, mtu: own }],
  );
  return ports.length === 0 ? [] : [{ code: "mtu-differs", uplink: uplink.name, mtu, ports }];
}
