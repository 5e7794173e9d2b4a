/** NICs, GPUs and the bridges above them, from sysfs alone (Linux Documentation/ABI/testing/sysfs-bus-pci). */

import { basename } from "node:path";
import {
  absent,
  type Fact,
  mapFact,
  present,
  readFact,
  valueIn,
} from "../../verify/doctor/fact.js";
import type { PciDevice, PciKind, PciLink } from "../../verify/doctor/hardware-facts.js";
import type { PciFacts } from "../../verify/doctor/node-facts.js";
import type { NodeSource } from "./node-source.js";
import { readAcsControl } from "./pci-config.js";

const folder = "/sys/bus/pci/devices";

export async function readPci(source: NodeSource): Promise<PciFacts> {
  return { devices: await readDevices(source), nvidiaDriver: await readNvidia(source) };
}

async function readNvidia(source: NodeSource): Promise<Fact<string>> {
  const lines = await source.lines("/proc/driver/nvidia/version", /^NVRM version:/);
  return readFact(lines, "/proc/driver/nvidia/version", ([line]) => line);
}

async function readDevices(source: NodeSource): Promise<Fact<readonly PciDevice[]>> {
  const names = await source.names(folder);
  if (names.state !== "present") return names;
  const ends: PciDevice[] = [];
  for (const address of names.value) {
    const kind = kindOf(
      await number(source, address, "class"),
      await number(source, address, "vendor"),
    );
    // VFs come by the hundred and stand where their PF stands
    const isVirtual = (await source.target(`${folder}/${address}/physfn`)).state === "present";
    if (kind !== undefined && !isVirtual) ends.push(await readDevice(source, address, kind));
  }
  const above = new Set(ends.flatMap(({ path }) => path.slice(1, -1)));
  const bridges: PciDevice[] = [];
  for (const address of [...above].sort())
    bridges.push(await readDevice(source, address, "bridge"));
  return present([...ends, ...bridges]);
}

/** Class codes of the PCI Code and ID Assignment Specification: 02 network, 03 display, 12 accelerator. */
function kindOf(pciClass = 0, vendor = 0): Exclude<PciKind, "bridge"> | undefined {
  const code = pciClass >> 8;
  if (code === 0x0200 || code === 0x0207) return "nic";
  const isNvidia = vendor === 0x10de && (code === 0x0300 || code === 0x0302);
  const isAmd = vendor === 0x1002 && [0x0300, 0x0302, 0x0380, 0x1200].includes(code);
  return isNvidia || isAmd ? "gpu" : undefined;
}

async function readDevice(source: NodeSource, address: string, kind: PciKind): Promise<PciDevice> {
  const at = `${folder}/${address}`;
  const driver = valueIn(await source.target(`${at}/driver`));
  const numaNode = await number(source, address, "numa_node");
  const link = kind === "bridge" ? undefined : await readLink(source, address);
  const now = await number(source, address, "sriov_numvfs");
  const most = await number(source, address, "sriov_totalvfs");
  return {
    address,
    kind,
    vendor: (await number(source, address, "vendor")) ?? 0,
    device: (await number(source, address, "device")) ?? 0,
    ...(driver === undefined ? {} : { driver: basename(driver) }),
    path: pathOf(valueIn(await source.target(at)) ?? `/${address}`),
    ...(numaNode === undefined || numaNode < 0 ? {} : { numaNode }),
    ...(link === undefined ? {} : { link }),
    iommu: kind === "bridge" ? absent : await source.text(`${at}/iommu_group/type`),
    ...(now === undefined || most === undefined ? {} : { virtualFunctions: { now, most } }),
    acs: kind === "bridge" ? await readAcs(source, at) : absent,
  };
}

/** `/sys/devices/pci0000:3a/0000:3a:00.0/0000:3b:00.0`, from the root bus on. */
function pathOf(target: string): readonly string[] {
  const parts = target.split("/");
  const root = parts.findIndex((part) => /^pci[0-9a-f]{4,8}:[0-9a-f]{2}$/.test(part));
  return parts.slice(root < 0 ? -1 : root);
}

async function readLink(source: NodeSource, address: string): Promise<PciLink | undefined> {
  const [speed, mostSpeed, width, mostWidth] = [
    await number(source, address, "current_link_speed"),
    await number(source, address, "max_link_speed"),
    await number(source, address, "current_link_width"),
    await number(source, address, "max_link_width"),
  ];
  if (!speed || !mostSpeed || !width || !mostWidth) return undefined;
  return { speed, mostSpeed, width, mostWidth };
}

async function readAcs(source: NodeSource, at: string): Promise<Fact<number>> {
  const config = await source.bytes(`${at}/config`);
  const read = mapFact(config, readAcsControl);
  return read.state === "present" ? read.value : read;
}

/** `0x020000`, `3`, `16.0 GT/s PCIe`; `Unknown` is no number. */
async function number(
  source: NodeSource,
  address: string,
  name: string,
): Promise<number | undefined> {
  const text = valueIn(await source.text(`${folder}/${address}/${name}`));
  const found = /^(0x[0-9a-f]+|-?\d+(?:\.\d+)?)/i.exec(text?.trim() ?? "");
  return found === null ? undefined : Number(found[1]);
}
