/** Is the node what the inventory says: its bridges, uplinks, representors and MACs? */

import { printMac } from "../../net/mac.js";
import type { Endpoint, Inventory, NodeRail } from "../../policy/inventory.js";
import { bridgeOf } from "./check-bridges.js";
import type { DoctorFinding } from "./doctor-finding.js";
import { valueIn } from "./fact.js";
import type { InventoryFinding, PortRole } from "./hardware-finding.js";
import { nicPortsOf } from "./nic-ports.js";
import type { NodeFacts, SwitchSettings } from "./node-facts.js";
import { unknownOf } from "./unknown.js";

export interface ExpectedNode {
  readonly inventory: Inventory;
  readonly node: string;
}

/** Nothing where the settings cannot be read: that is said elsewhere. */
export function checkNodeInventory(facts: NodeFacts, expected: ExpectedNode): DoctorFinding[] {
  const settings = valueIn(facts.openVswitch.settings);
  const rails = expected.inventory.nodes.get(expected.node)?.rails;
  if (settings === undefined || rails === undefined) return [];
  const findings: DoctorFinding[] = [];
  for (const [rail, nodeRail] of [...rails].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const endpoints = expected.inventory.endpoints.filter(
      (one) => one.node === expected.node && one.rail === rail,
    );
    const found = railFindings(rail, nodeRail, endpoints, facts, settings);
    findings.push(...found);
    if (found.length === 0)
      findings.push({ code: "inventory-fits", rail, endpoints: endpoints.length });
  }
  const hasEndpoints = expected.inventory.endpoints.some(({ node }) => node === expected.node);
  if (hasEndpoints)
    findings.push(...unknownOf(facts.devlinkPorts, "inventory", "function-macs", "warning"));
  return findings;
}

function railFindings(
  rail: string,
  { bridge, uplink, mac }: NodeRail,
  endpoints: readonly Endpoint[],
  facts: NodeFacts,
  settings: SwitchSettings,
): InventoryFinding[] {
  const found = settings.bridges.find(({ name }) => name === bridge);
  if (found === undefined) return [{ code: "inventory-bridge-missing", rail, bridge }];
  const findings = portFindings(rail, uplink, "uplink", bridge, facts);
  const own = found.ports
    .flatMap(({ interfaces }) => interfaces)
    .find(({ name }) => name === bridge)?.mac;
  if (mac !== undefined && own !== undefined)
    findings.push(...macFindings(rail, bridge, "bridge", printMac(mac), own));
  for (const endpoint of endpoints)
    findings.push(...endpointFindings(rail, endpoint, bridge, facts));
  return findings;
}

function endpointFindings(
  rail: string,
  { representor, mac }: Endpoint,
  bridge: string,
  facts: NodeFacts,
): InventoryFinding[] {
  if (representor === undefined) return [];
  const given = valueIn(facts.devlinkPorts)?.get(representor)?.functionMac;
  // the host need not give a VF its MAC; the pod may
  const isGiven = given !== undefined && given !== "00:00:00:00:00:00";
  return [
    ...portFindings(rail, representor, "representor", bridge, facts),
    ...(mac !== undefined && isGiven
      ? macFindings(rail, representor, "endpoint", printMac(mac), given)
      : []),
  ];
}

function macFindings(
  rail: string,
  port: string,
  of: "bridge" | "endpoint",
  expected: string,
  found: string,
): InventoryFinding[] {
  return expected === found.toLowerCase()
    ? []
    : [{ code: "inventory-mac-differs", rail, port, of, expected, found }];
}

function portFindings(
  rail: string,
  port: string,
  role: PortRole,
  bridge: string,
  facts: NodeFacts,
): InventoryFinding[] {
  const at = { rail, port, role };
  const found = bridgeOf(port, facts);
  const netdevs = valueIn(facts.netdevs);
  const exists = netdevs?.some(({ name }) => name === port) ?? found !== undefined;
  // a port of a userspace datapath is no netdev
  if (!exists && found !== bridge) return [{ code: "inventory-port-missing", ...at }];
  if (found !== bridge)
    return [
      {
        code: "inventory-port-elsewhere",
        ...at,
        bridge,
        ...(found === undefined ? {} : { found }),
      },
    ];
  const isInSwitch = nicPortsOf(facts).some(({ name }) => name === port);
  return netdevs === undefined || isInSwitch
    ? []
    : [{ code: "inventory-port-not-in-eswitch", ...at }];
}
