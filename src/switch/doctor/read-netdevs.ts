/** The network interfaces of the node (Linux Documentation/ABI/testing/sysfs-class-net). */

import { basename } from "node:path";
import { type Fact, present, valueIn } from "../../verify/doctor/fact.js";
import type { Netdev } from "../../verify/doctor/node-facts.js";
import type { NodeSource } from "./node-source.js";

const folder = "/sys/class/net";

export async function readNetdevs(source: NodeSource): Promise<Fact<readonly Netdev[]>> {
  const names = await source.names(folder);
  if (names.state !== "present") return names;
  const netdevs: Netdev[] = [];
  // bonding_masters is a file beside the interfaces
  for (const name of names.value)
    if (name !== "lo" && name !== "bonding_masters") netdevs.push(await readNetdev(source, name));
  return present(netdevs);
}

async function readNetdev(source: NodeSource, name: string): Promise<Netdev> {
  const attribute = async (attribute: string) =>
    valueIn(await source.text(`${folder}/${name}/${attribute}`))?.trim() || undefined;
  const device = valueIn(await source.target(`${folder}/${name}/device`));
  const bus = valueIn(await source.target(`${folder}/${name}/device/subsystem`));
  const driver = valueIn(await source.target(`${folder}/${name}/device/driver`));
  const mtu = await attribute("mtu");
  return withoutUndefined({
    name,
    mac: await attribute("address"),
    mtu: mtu === undefined ? undefined : Number(mtu),
    state: await attribute("operstate"),
    switchId: await attribute("phys_switch_id"),
    portName: await attribute("phys_port_name"),
    device:
      device === undefined || bus === undefined
        ? undefined
        : `${basename(bus)}/${basename(device)}`,
    driver: driver === undefined ? undefined : basename(driver),
  });
}

export function pciAddressOf(path: string): string | undefined {
  return /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/.exec(basename(path))?.[0];
}

type Optional<T> = { [K in keyof T]: undefined extends T[K] ? T[K] | undefined : T[K] };

function withoutUndefined(netdev: Optional<{ [K in keyof Netdev]: Netdev[K] | undefined }>) {
  return Object.fromEntries(
    Object.entries(netdev).filter(([, value]) => value !== undefined),
  ) as unknown as Netdev;
}
