/** One name for each port of a bridge, whatever number or reserved word stands in a flow or megaflow. */

import type { Port } from "../openflow/match.js";
import { controllerPort, inPort, localPort } from "../openflow/match.js";

/** What the switch says of a bridge's ports (`dpif/show`). Datapath numbers are not OpenFlow numbers. */
export interface PortNames {
  readonly openflow: ReadonlyMap<number, string>;
  readonly datapath: ReadonlyMap<number, string>;
}

/** From the OpenFlow numbers of a bridge's ports by name. */
export function portNamesOf(portNumbers: ReadonlyMap<string, number>): PortNames {
  const openflow = new Map([...portNumbers].map(([name, number]) => [number, name]));
  return { openflow, datapath: new Map() };
}

/** The other way round. */
export function portNumbersOf({ openflow }: PortNames): ReadonlyMap<string, number> {
  return new Map([...openflow].map(([number, name]) => [name, number]));
}

export const noPortNames: PortNames = { openflow: new Map(), datapath: new Map() };

/** Where an output goes back to where the packet came from. */
export const backToSender = "IN_PORT";

/** Where a copy goes to the controllers of the bridge. */
export const toController = "CONTROLLER";

/** `bridge` is the name of the bridge and of its own port, which OpenFlow calls LOCAL. */
export function openflowPortName(port: Port, names: PortNames, bridge: string): string {
  if (port === localPort || port === "LOCAL") return bridge;
  if (port === inPort) return backToSender;
  if (port === controllerPort) return toController;
  return typeof port === "number" ? (names.openflow.get(port) ?? `port ${port}`) : port;
}

export function datapathPortName(port: Port, names: PortNames): string {
  return typeof port === "number" ? (names.datapath.get(port) ?? `datapath port ${port}`) : port;
}
