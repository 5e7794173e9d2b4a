/** Which ports of which bridge are a NIC's, and which uplink a representor belongs to. */

import { valueIn } from "./fact.js";
import type { BridgeSettings, InterfaceSettings, Netdev, NodeFacts } from "./node-facts.js";

export interface NicBridge {
  readonly bridge: BridgeSettings;
  readonly uplinks: readonly NicPort[];
  readonly representors: readonly NicPort[];
  /** Ports that are traffic's and no NIC's: neither the bridge's own, nor tunnels, nor patches. */
  readonly others: readonly InterfaceSettings[];
}

/** A netdev of an eSwitch. */
export interface NicPort extends Netdev {
  readonly switchId: string;
  readonly role: "uplink" | "representor" | "other";
  /** The physical function's number in its `phys_port_name`. */
  readonly functionNumber?: number;
}

/** Linux Documentation/networking/devlink/devlink-port.rst: `p0`, `p0s1`; `pf0vf3`, `c1pf0vf3`, `pf0sf88`. */
const uplinkName = /^p(\d+)(?:s\d+)?$/;
const representorName = /^(?:c\d+)?pf(\d+)(?:vf|sf)\d+$/;

export function nicPortsOf(facts: NodeFacts): readonly NicPort[] {
  return (valueIn(facts.netdevs) ?? []).flatMap((netdev) => {
    const { switchId, portName = "" } = netdev;
    if (switchId === undefined) return [];
    const uplink = uplinkName.exec(portName);
    const representor = representorName.exec(portName);
    const functionNumber = (uplink ?? representor)?.[1];
    return [
      {
        ...netdev,
        switchId,
        role: uplink !== null ? "uplink" : representor !== null ? "representor" : "other",
        ...(functionNumber === undefined ? {} : { functionNumber: Number(functionNumber) }),
      } as const,
    ];
  });
}

/** The bridges that a NIC has a port of. */
export function nicBridgesOf(facts: NodeFacts): readonly NicBridge[] {
  const byName = new Map(nicPortsOf(facts).map((port) => [port.name, port]));
  const bridges = valueIn(facts.openVswitch.settings)?.bridges ?? [];
  return bridges.flatMap((bridge) => {
    const interfaces = bridge.ports.flatMap((port) => port.interfaces);
    const ports = interfaces.flatMap(({ name }) => byName.get(name) ?? []);
    if (ports.length === 0) return [];
    return [
      {
        bridge,
        uplinks: ports.filter(({ role }) => role === "uplink"),
        representors: ports.filter(({ role }) => role !== "uplink"),
        others: interfaces.filter((one) => !byName.has(one.name) && isSoftware(one, bridge.name)),
      },
    ];
  });
}

/** Tunnels and patches are resolved before the datapath, the bridge's own port is the host's. */
function isSoftware({ name, type, error }: InterfaceSettings, bridge: string): boolean {
  return name !== bridge && error === undefined && !/^(patch|vxlan|geneve|gre|erspan)/.test(type);
}

/** The port of the same NIC that leads to its cable. Both functions of a card share a switch id, so the number counts. */
export function uplinkOf(port: NicPort, all: readonly NicPort[]): NicPort | undefined {
  return all.find(
    (one) =>
      one.role === "uplink" &&
      one.switchId === port.switchId &&
      one.functionNumber === port.functionNumber,
  );
}

export function representorsOf(uplink: NicPort, all: readonly NicPort[]): readonly NicPort[] {
  return all.filter(
    (one) =>
      one.role === "representor" &&
      one.switchId === uplink.switchId &&
      one.functionNumber === uplink.functionNumber,
  );
}

/** The uplinks that doctor looks at: those on bridges, or all where no bridge has any. */
export function railUplinksOf(facts: NodeFacts): readonly NicPort[] {
  const onBridges = nicBridgesOf(facts).flatMap(({ uplinks }) => uplinks);
  return onBridges.length > 0
    ? onBridges
    : nicPortsOf(facts).filter(({ role }) => role === "uplink");
}

/** The PCI function of a NIC's port, where it stands on PCI. */
export function pciAddressOf({ device }: Pick<Netdev, "device">): string | undefined {
  return device?.startsWith("pci/") === true ? device.slice("pci/".length) : undefined;
}
