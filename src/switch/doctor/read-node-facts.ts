/** Everything that `diagnose` may know of a node, one question after the other. */

import { valueIn } from "../../verify/doctor/fact.js";
import type { BridgeSettings, NodeFacts } from "../../verify/doctor/node-facts.js";
import type { NodeSource } from "./node-source.js";
import { readDaemon } from "./read-daemon.js";
import { readDevlinkPorts, readEswitches } from "./read-devlink.js";
import { readFlowUses } from "./read-flow-uses.js";
import { readKernel } from "./read-kernel.js";
import { readNetdevs } from "./read-netdevs.js";
import { readPci } from "./read-pci.js";
import { readIngress, readPorts } from "./read-ports.js";
import { readRdma } from "./read-rdma.js";
import { readSettings } from "./read-settings.js";

/** Rejects only where this program is at fault: what cannot be read is a fact like others. */
export async function readNodeFacts(source: NodeSource): Promise<NodeFacts> {
  const daemon = await readDaemon(source);
  const settings = await readSettings(source);
  const bridges = valueIn(settings)?.bridges ?? [];
  const netdevs = await readNetdevs(source);
  const ingress = await readIngress(source);
  const nicPorts = (valueIn(netdevs) ?? []).filter(({ switchId }) => switchId !== undefined);
  const onBridges = namesOnBridges(bridges);
  return {
    hostName: await source.text("/proc/sys/kernel/hostname"),
    openVswitch: { ...daemon, settings, flows: await readFlowUses(source, bridges) },
    kernel: await readKernel(source),
    netdevs,
    eswitches: await readEswitches(source),
    devlinkPorts: await readDevlinkPorts(source),
    ports: await readPorts(source, {
      // others have no hardware to ask about
      onBridges: onBridges.filter((name) => nicPorts.some((port) => port.name === name)),
      others: nicPorts.map(({ name }) => name).filter((name) => !onBridges.includes(name)),
      withQdisc: valueIn(ingress) ?? new Set(),
    }),
    ingress,
    rdma: await readRdma(source),
    pci: await readPci(source),
  };
}

function namesOnBridges(bridges: readonly BridgeSettings[]): string[] {
  return bridges
    .flatMap(({ ports }) => ports.flatMap(({ interfaces }) => interfaces))
    .map(({ name }) => name);
}
