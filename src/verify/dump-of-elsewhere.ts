/**
 * Whether a saved dump can be of this node at all: a bridge without megaflows looks idle in the dump of another node, too.
 */

import type { Megaflow } from "../datapath/megaflow.js";
import type { Port } from "../openflow/match.js";
import type { Inventory } from "../policy/inventory.js";
import { datapathPortName, type PortNames } from "./port-names.js";
import type { Finding } from "./verdict.js";

/** Nothing is found in a dump without megaflows, nor in one where any came in at a port of any rail of the node. */
export function dumpOfElsewhere(
  megaflows: readonly Megaflow[],
  inventory: Inventory,
  node: string,
  names: PortNames,
): Finding | undefined {
  const [megaflow] = megaflows;
  if (megaflow === undefined) return undefined;
  const ports = new Set<string>();
  for (const { match } of megaflows) {
    // without a name nothing is known of it, and another finding says so
    if (match.inPort === undefined || isUnnamed(match.inPort, names)) return undefined;
    ports.add(datapathPortName(match.inPort, names));
  }
  for (const port of portsOf(inventory, node)) if (ports.has(port)) return undefined;
  return { kind: "dump-of-elsewhere", megaflow, ports: [...ports].sort() };
}

function isUnnamed(port: Port, names: PortNames): boolean {
  return typeof port === "number" && !names.datapath.has(port);
}

function* portsOf(inventory: Inventory, name: string): Generator<string> {
  for (const { bridge, uplink } of inventory.nodes.get(name)?.rails.values() ?? []) {
    yield bridge;
    yield uplink;
  }
  for (const { node, representor } of inventory.endpoints)
    if (node === name && representor !== undefined) yield representor;
}
