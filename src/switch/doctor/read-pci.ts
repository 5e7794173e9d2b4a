/** NICs, GPUs and the bridges above them, from sysfs alone (Linux Documentation/ABI/testing/sysfs-bus-pci). */

import { basename } from "node:path";
import { absent, type Fact, mapFact, readFact } from "../../verify/doctor/fact.js";
import type { PciDevice, PciKind, PciLink } from "../../verify/doctor/hardware-facts.js";
import type { PciFacts } from "../../verify/doctor/node-facts.js";
import type { NodeSource } from "./node-source.js";
import { OneFact } from "./one-fact.js";
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
  const one = new OneFact();
  const read = new DeviceReader(source, one);
  const ends: PciDevice[] = [];
  for (const address of names.value) {
    const kind = kindOf(await read.number(address, "class"), await read.number(address, "vendor"));
    // VFs come by the hundred and stand where their PF stands
    const parent = one.part(await source.target(`${folder}/${address}/physfn`));
    if (kind !== undefined && parent === undefined) ends.push(await read.device(address, kind));
  }
  const above = new Set(ends.flatMap(({ path }) => path.slice(1, -1)));
  const bridges: PciDevice[] = [];
  for (const address of [...above].sort()) bridges.push(await read.device(address, "bridge"));
  return one.whole([...ends, ...bridges]);
}

/** Class codes of the PCI Code and ID Assignment Specification: 02 network, 03 display, 12 accelerator. */
function kindOf(pciClass = 0, vendor = 0): Exclude<PciKind, "bridge"> | undefined {
  const code = pciClass >> 8;
  if (code === 0x0200 || code === 0x0207) return "nic";
  const isNvidia = vendor === 0x10de && (code === 0x0300 || code === 0x0302);
  const isAmd = vendor === 0x1002 && [0x0300, 0x0302, 0x0380, 0x1200].includes(code);
  return isNvidia || isAmd ? "gpu" : undefined;
}

class DeviceReader {
  private readonly source: NodeSource;
  private readonly one: OneFact;

  constructor(source: NodeSource, one: OneFact) {
    this.source = source;
    this.one = one;
  }

  async device(address: string, kind: PciKind): Promise<PciDevice> {
    const at = `${folder}/${address}`;
    const driver = this.one.part(await this.source.target(`${at}/driver`));
    const numaNode = await this.number(address, "numa_node");
    const link = kind === "bridge" ? undefined : await this.link(address);
    const now = await this.number(address, "sriov_numvfs");
    const most = await this.number(address, "sriov_totalvfs");
    return {
      address,
      kind,
      vendor: (await this.number(address, "vendor")) ?? 0,
      device: (await this.number(address, "device")) ?? 0,
      ...(driver === undefined ? {} : { driver: basename(driver) }),
      path: pathOf(this.one.part(await this.source.target(at)) ?? `/${address}`),
      ...(numaNode === undefined || numaNode < 0 ? {} : { numaNode }),
      ...(link === undefined ? {} : { link }),
      iommu: kind === "bridge" ? absent : await this.source.text(`${at}/iommu_group/type`),
      ...(now === undefined || most === undefined ? {} : { virtualFunctions: { now, most } }),
      acs: kind === "bridge" ? await this.acs(at) : absent,
    };
  }

  /** `0x020000`, `3`, `16.0 GT/s PCIe`; `Unknown` is no number. */
  async number(address: string, name: string): Promise<number | undefined> {
    const text = this.one.part(await this.source.text(`${folder}/${address}/${name}`));
    const found = /^(0x[0-9a-f]+|-?\d+(?:\.\d+)?)/i.exec(text?.trim() ?? "");
    return found === null ? undefined : Number(found[1]);
  }

  private async link(address: string): Promise<PciLink | undefined> {
    const speed = await this.number(address, "current_link_speed");
    const mostSpeed = await this.number(address, "max_link_speed");
    const width = await this.number(address, "current_link_width");
    const mostWidth = await this.number(address, "max_link_width");
    if (!speed || !mostSpeed || !width || !mostWidth) return undefined;
    return { speed, mostSpeed, width, mostWidth };
  }

  private async acs(at: string): Promise<Fact<number>> {
    const read = mapFact(await this.source.bytes(`${at}/config`), readAcsControl);
    return read.state === "present" ? read.value : read;
  }
}

/** `/sys/devices/pci0000:3a/0000:3a:00.0/0000:3b:00.0`, from the root bus on. */
function pathOf(target: string): readonly string[] {
  const parts = target.split("/");
  const root = parts.findIndex((part) => /^pci[0-9a-f]{4,8}:[0-9a-f]{2}$/.test(part));
  return parts.slice(root < 0 ? -1 : root);
}
