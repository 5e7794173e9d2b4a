/** Everything that `diagnose` may know of a node, one question after the other. */

import { valueIn } from "../../verify/doctor/fact.js";
import type { BridgeSettings, Netdev, NodeFacts } from "../../verify/doctor/node-facts.js";
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
  const ports = portsToAsk(bridges, valueIn(netdevs) ?? []);
  return {
    hostName: await source.text("/proc/sys/kernel/hostname"),
    openVswitch: { ...daemon, settings, flows: await readFlowUses(source, bridges) },
    kernel: await readKernel(source),
    netdevs,
    eswitches: await readEswitches(source),
    devlinkPorts: await readDevlinkPorts(source),
    ports: await readPorts(source, ports, valueIn(ingress) ?? new Set()),
    ingress,
    rdma: await readRdma(source),
    pci: await readPci(source),
  };
}

/** Ports of an eSwitch on the bridges: others have no hardware to ask about. */
function portsToAsk(bridges: readonly BridgeSettings[], netdevs: readonly Netdev[]): string[] {
  const inSwitch = new Set(
    netdevs.filter(({ switchId }) => switchId !== undefined).map(({ name }) => name),
  );
  return bridges
    .flatMap(({ ports }) => ports.flatMap(({ interfaces }) => interfaces))
    .map(({ name }) => name)
    .filter((name) => inSwitch.has(name));
}
