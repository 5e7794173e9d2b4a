/** The network interfaces of the node (Linux Documentation/ABI/testing/sysfs-class-net). */

import { basename } from "node:path";
import type { Fact } from "../../verify/doctor/fact.js";
import type { Netdev } from "../../verify/doctor/node-facts.js";
import type { NodeSource } from "./node-source.js";
import { OneFact } from "./one-fact.js";

const folder = "/sys/class/net";

export async function readNetdevs(source: NodeSource): Promise<Fact<readonly Netdev[]>> {
  const names = await source.names(folder);
  if (names.state !== "present") return names;
  const one = new OneFact();
  const netdevs: Netdev[] = [];
  // bonding_masters is a file beside the interfaces
  for (const name of names.value)
    if (name !== "lo" && name !== "bonding_masters")
      netdevs.push(await readNetdev(source, name, one));
  return one.whole(netdevs);
}

async function readNetdev(source: NodeSource, name: string, one: OneFact): Promise<Netdev> {
  const attribute = async (attribute: string) =>
    one.part(await source.text(`${folder}/${name}/${attribute}`))?.trim() || undefined;
  const device = one.part(await source.target(`${folder}/${name}/device`));
  const bus = one.part(await source.target(`${folder}/${name}/device/subsystem`));
  const driver = one.part(await source.target(`${folder}/${name}/device/driver`));
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

type Maybe<T> = { readonly [K in keyof T]-?: T[K] | (undefined extends T[K] ? undefined : never) };

function withoutUndefined(netdev: Maybe<Netdev>): Netdev {
  const known = Object.entries(netdev).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as unknown as Netdev;
}
