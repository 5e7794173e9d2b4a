/** What can be wrong with the endpoints of an inventory: their places, addresses and representors. */

import { type Address, type Family, isSameAddress, printAddress } from "../net/address.js";
import { type Mac, printMac } from "../net/mac.js";
import type { Diagnostic } from "../text/diagnostic.js";
import { closestName } from "../text/edit-distance.js";
import type { Endpoint, Inventory, NodeRail, Rail } from "./inventory.js";
import { isInSubnets, namesNoStation, unknownRail, wrong } from "./inventory-finding.js";
import { endpointPath, inventoryValue } from "./inventory-places.js";
import { isNeverAddress } from "./ip-packet.js";
import type { Report } from "./report.js";

export function checkEndpoints(inventory: Inventory, report: Report): void {
  const addresses = { 4: new Map<bigint, Endpoint>(), 6: new Map<bigint, Endpoint>() };
  const representors = new Map<NodeRail, Map<string, Endpoint>>();
  const macs = new Map<string, Map<Mac, Endpoint>>();
  for (const endpoint of inventory.endpoints) {
    checkPlace(inventory, endpoint, report);
    checkAddresses(inventory, endpoint, addresses, report);
    checkRepresentor(inventory, endpoint, representors, report);
    checkMac(inventory, endpoint, macs, report);
  }
}

export function nameOf(endpoint: Endpoint): string {
  return `${endpoint.namespace}/${endpoint.pod}`;
}

function checkPlace(inventory: Inventory, endpoint: Endpoint, report: Report): void {
  const node = inventory.nodes.get(endpoint.node);
  if (node === undefined) {
    const suggestion = closestName(endpoint.node, inventory.nodes.keys());
    const span = inventoryValue(inventory, endpointPath(inventory, endpoint, "node"));
    report({ code: "unknown-node", node: endpoint.node, ...(suggestion && { suggestion }), span });
  }
  const { rail } = endpoint;
  if (inventory.rails.has(rail) && (node === undefined || node.rails.has(rail))) return;
  const span = inventoryValue(inventory, endpointPath(inventory, endpoint, "rail"));
  if (!inventory.rails.has(rail)) report(unknownRail(rail, (node ?? inventory).rails.keys(), span));
  else {
    const where = { missingFrom: "node" as const, node: endpoint.node };
    report({ code: "unknown-inventory-rail", rail, ...where, span });
  }
}

function checkAddresses(
  inventory: Inventory,
  endpoint: Endpoint,
  seen: { readonly [family in Family]: Map<bigint, Endpoint> },
  report: Report,
): void {
  const rail = inventory.rails.get(endpoint.rail);
  for (const [index, address] of endpoint.addresses.entries()) {
    const { family, value } = address;
    const other = seen[family].get(value);
    if (other !== undefined) {
      report(duplicateAddress(inventory, endpoint, index, other));
      continue;
    }
    seen[family].set(value, endpoint);
    if (rail === undefined) continue;
    const problem = unfit(rail, address);
    if (problem === undefined && isInSubnets(rail, address)) continue;
    const path = endpointPath(inventory, endpoint, "ips", index);
    const text = printAddress(address);
    const span = inventoryValue(inventory, path);
    const of = nameOf(endpoint);
    if (problem !== undefined) report(wrong(inventory, path, text, problem));
    else report({ code: "address-outside-subnets", address: text, of, rail: rail.name, span });
  }
}

function duplicateAddress(
  inventory: Inventory,
  endpoint: Endpoint,
  index: number,
  other: Endpoint,
): Diagnostic {
  const address = endpoint.addresses[index] as Address;
  const first = other.addresses.findIndex((one) => isSameAddress(one, address));
  const path = endpointPath(inventory, endpoint, "ips", index);
  if (other === endpoint)
    return wrong(inventory, path, printAddress(address), "the endpoint has this address already");
  const firstPath = endpointPath(inventory, other, "ips", first);
  return {
    code: "duplicate-address",
    address: printAddress(address),
    endpoint: nameOf(endpoint),
    otherEndpoint: nameOf(other),
    span: inventoryValue(inventory, path),
    labels: [{ span: inventoryValue(inventory, firstPath), role: "first-here" }],
  };
}

/** Why no pod of the rail can have the address. */
function unfit(rail: Rail, address: Address): string | undefined {
  if (isNeverAddress(rail, address)) return "no pod has a broadcast or multicast address";
  if (rail.gateways.some((gateway) => isSameAddress(gateway, address)))
    return `it is the gateway of rail \`${rail.name}\``;
  return namesNoStation(address);
}

function checkRepresentor(
  inventory: Inventory,
  endpoint: Endpoint,
  seen: Map<NodeRail, Map<string, Endpoint>>,
  report: Report,
): void {
  const { mac, representor, node, rail } = endpoint;
  if ((mac === undefined) !== (representor === undefined))
    report({
      code: "endpoint-incomplete",
      of: nameOf(endpoint),
      missing: [mac === undefined ? "mac" : "representor"],
      because: "compiled-node",
      span: inventoryValue(inventory, endpointPath(inventory, endpoint)),
    });
  if (representor === undefined) return;
  const nodeRail = inventory.nodes.get(node)?.rails.get(rail);
  if (representor === nodeRail?.uplink || representor === nodeRail?.bridge) {
    const path = endpointPath(inventory, endpoint, "representor");
    const what = representor === nodeRail.uplink ? "uplink" : "bridge";
    report(wrong(inventory, path, representor, `it is the ${what} of the rail`));
  }
  if (nodeRail === undefined) return;
  const onBridge = seen.get(nodeRail) ?? new Map<string, Endpoint>();
  seen.set(nodeRail, onBridge);
  const other = onBridge.get(representor);
  if (other === undefined) onBridge.set(representor, endpoint);
  else report(duplicateRepresentor(inventory, endpoint, other, representor));
}

/** A bridged rail is one layer-2 network, on all nodes; a routed one writes its own addresses into every frame. */
export function needsOwnMac(inventory: Inventory, { rail }: Endpoint): boolean {
  return inventory.rails.get(rail)?.mode === "bridged";
}

function checkMac(
  inventory: Inventory,
  endpoint: Endpoint,
  seen: Map<string, Map<Mac, Endpoint>>,
  report: Report,
): void {
  const { mac, rail } = endpoint;
  if (mac === undefined || !needsOwnMac(inventory, endpoint)) return;
  const onRail = seen.get(rail) ?? new Map<Mac, Endpoint>();
  seen.set(rail, onRail);
  const other = onRail.get(mac);
  if (other === undefined) onRail.set(mac, endpoint);
  else report(duplicateMac(inventory, endpoint, other, mac));
}

function duplicateMac(
  inventory: Inventory,
  endpoint: Endpoint,
  other: Endpoint,
  mac: Mac,
): Diagnostic {
  const placeOf = (one: Endpoint) => inventoryValue(inventory, endpointPath(inventory, one, "mac"));
  return {
    code: "duplicate-mac",
    mac: printMac(mac),
    rail: endpoint.rail,
    endpoint: nameOf(endpoint),
    otherEndpoint: nameOf(other),
    span: placeOf(endpoint),
    labels: [{ span: placeOf(other), role: "first-here" }],
  };
}

function duplicateRepresentor(
  inventory: Inventory,
  endpoint: Endpoint,
  other: Endpoint,
  representor: string,
): Diagnostic {
  const placeOf = (one: Endpoint) =>
    inventoryValue(inventory, endpointPath(inventory, one, "representor"));
  return {
    code: "duplicate-representor",
    representor,
    node: endpoint.node,
    endpoint: nameOf(endpoint),
    otherEndpoint: nameOf(other),
    span: placeOf(endpoint),
    labels: [{ span: placeOf(other), role: "first-here" }],
  };
}
