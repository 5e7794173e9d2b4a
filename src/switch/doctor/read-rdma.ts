/** RDMA devices and their ports (Linux Documentation/ABI/stable/sysfs-class-infiniband). */

import { type Fact, mapFact, present, valueIn } from "../../verify/doctor/fact.js";
import type { RdmaDevice, RdmaPort } from "../../verify/doctor/hardware-facts.js";
import type { RdmaFacts } from "../../verify/doctor/node-facts.js";
import type { NodeSource } from "./node-source.js";
import { pciAddressOf } from "./read-netdevs.js";

const folder = "/sys/class/infiniband";

export async function readRdma(source: NodeSource): Promise<RdmaFacts> {
  // Y: every network namespace sees every device (ib_core's netns_mode)
  const mode = await source.text("/sys/module/ib_core/parameters/netns_mode");
  return {
    devices: await readDevices(source),
    namespaces: mapFact(mode, (text) => (text.trim() === "N" ? "exclusive" : "shared")),
  };
}

async function readDevices(source: NodeSource): Promise<Fact<readonly RdmaDevice[]>> {
  const names = await source.names(folder);
  if (names.state !== "present") return names;
  const devices: RdmaDevice[] = [];
  for (const name of names.value) {
    const ports: RdmaPort[] = [];
    for (const port of valueIn(await source.names(`${folder}/${name}/ports`)) ?? [])
      ports.push(await readPort(source, `${folder}/${name}/ports/${port}`, Number(port)));
    const target = valueIn(await source.target(`${folder}/${name}/device`));
    const pci = target === undefined ? undefined : pciAddressOf(target);
    devices.push({ name, ports, ...(pci === undefined ? {} : { pci }) });
  }
  return present(devices);
}

async function readPort(source: NodeSource, at: string, number: number): Promise<RdmaPort> {
  // `4: ACTIVE`
  const state = valueIn(await source.text(`${at}/state`))
    ?.split(": ")
    .at(-1);
  const linkLayer = valueIn(await source.text(`${at}/link_layer`));
  return {
    number,
    ...(state === undefined ? {} : { state }),
    ...(linkLayer === undefined ? {} : { linkLayer }),
    netdevs: await valuesBelow(source, `${at}/gid_attrs/ndevs`),
    gidTypes: await valuesBelow(source, `${at}/gid_attrs/types`),
  };
}

/** One file for each index of the GID table; those without a GID cannot be read. */
async function valuesBelow(source: NodeSource, at: string): Promise<string[]> {
  const values = new Set<string>();
  for (const index of valueIn(await source.names(at)) ?? []) {
    const value = valueIn(await source.text(`${at}/${index}`))?.trim();
    if (value) values.add(value);
  }
  return [...values].sort();
}
