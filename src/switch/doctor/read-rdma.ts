/** RDMA devices and their ports (Linux Documentation/ABI/stable/sysfs-class-infiniband). */

import { type Fact, mapFact } from "../../verify/doctor/fact.js";
import type { RdmaDevice, RdmaPort } from "../../verify/doctor/hardware-facts.js";
import type { RdmaFacts } from "../../verify/doctor/node-facts.js";
import type { NodeSource } from "./node-source.js";
import { OneFact } from "./one-fact.js";
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
  const one = new OneFact();
  const devices: RdmaDevice[] = [];
  for (const name of names.value) {
    const ports: RdmaPort[] = [];
    for (const port of one.part(await source.names(`${folder}/${name}/ports`)) ?? [])
      ports.push(await readPort(source, `${folder}/${name}/ports/${port}`, Number(port), one));
    const target = one.part(await source.target(`${folder}/${name}/device`));
    const pci = target === undefined ? undefined : pciAddressOf(target);
    devices.push({ name, ports, ...(pci === undefined ? {} : { pci }) });
  }
  return one.whole(devices);
}

async function readPort(
  source: NodeSource,
  at: string,
  number: number,
  one: OneFact,
): Promise<RdmaPort> {
  // `4: ACTIVE`
  const state = one
    .part(await source.text(`${at}/state`))
    ?.split(": ")
    .at(-1);
  const linkLayer = one.part(await source.text(`${at}/link_layer`));
  return {
    number,
    ...(state === undefined ? {} : { state }),
    ...(linkLayer === undefined ? {} : { linkLayer }),
    netdevs: await valuesBelow(source, `${at}/gid_attrs/ndevs`, one),
    gidTypes: await valuesBelow(source, `${at}/gid_attrs/types`, one),
  };
}

/** One file for each index of the GID table; those without a GID cannot be read. */
async function valuesBelow(source: NodeSource, at: string, one: OneFact): Promise<string[]> {
  const values = new Set<string>();
  for (const index of one.part(await source.names(at)) ?? []) {
    const value = one.part(await source.text(`${at}/${index}`))?.trim();
    if (value) values.add(value);
  }
  return [...values].sort();
}
