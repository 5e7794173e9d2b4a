/** What can be wrong with an inventory by itself, whatever the policy. */

import { type Address, type Family, isSameAddress, printAddress } from "../net/address.js";
import { prefixesOverlap, prefixHolds, printPrefix } from "../net/prefix.js";
import type { Diagnostic } from "../text/diagnostic.js";
import { closestName } from "../text/edit-distance.js";
import type { Endpoint, Inventory, NodeRail, Rail } from "./inventory.js";
import { endpointPath, inventoryKey, inventoryValue, printJsonPath } from "./inventory-places.js";
import { isNeverAddress } from "./ip-packet.js";
import type { JsonPath } from "./json-places.js";
import type { Report } from "./report.js";

export function inventoryProblems(inventory: Inventory): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => diagnostics.push(diagnostic);
  for (const rail of inventory.rails.values()) checkRail(inventory, rail, report);
  for (const node of inventory.nodes.values()) {
    const bridges = new Map<string, string>();
    for (const [rail, nodeRail] of node.rails) {
      checkNodeRail(inventory, node.name, rail, nodeRail, report);
      const path = ["nodes", node.name, "rails", rail, "bridge"];
      const other = bridges.get(nodeRail.bridge);
      if (other === undefined) bridges.set(nodeRail.bridge, rail);
      else report(wrong(inventory, path, nodeRail.bridge, `rail \`${other}\` has this bridge too`));
    }
  }
  const addresses = { 4: new Map<bigint, Endpoint>(), 6: new Map<bigint, Endpoint>() };
  const representors = new Map<NodeRail, Map<string, Endpoint>>();
  for (const endpoint of inventory.endpoints) {
    checkPlace(inventory, endpoint, report);
    checkAddresses(inventory, endpoint, addresses, report);
    checkRepresentor(inventory, endpoint, representors, report);
  }
  return diagnostics;
}

export function nameOf(endpoint: Endpoint): string {
  return `${endpoint.namespace}/${endpoint.pod}`;
}

function checkRail(inventory: Inventory, rail: Rail, report: Report): void {
  for (const [index, gateway] of rail.gateways.entries()) {
    const path = ["rails", rail.name, "gateways", index];
    const text = printAddress(gateway);
    if (isNeverAddress(rail, gateway))
      report(wrong(inventory, path, text, "no station has a broadcast or multicast address"));
    // RFC 4861: routers are known by their link-local address, which is in no subnet
    else if (!isLinkLocal(gateway) && !isInSubnets(rail, gateway)) {
      const span = inventoryValue(inventory, path);
      const of = "gateway";
      report({ code: "address-outside-subnets", address: text, of, rail: rail.name, span });
    } else {
      // who a gateway is must not hang on another rail: its packets are judged as a stranger's
      const other = [...inventory.rails.values()].find(
        (one) => one !== rail && isInSubnets(one, gateway),
      );
      if (other === undefined) continue;
      report(wrong(inventory, path, text, `it is in the subnets of rail \`${other.name}\``));
    }
  }
  for (const [index, subnet] of rail.subnets.entries())
    for (const other of inventory.rails.values()) {
      if (other === rail || other.name > rail.name) continue;
      const shared = other.subnets.find((one) => prefixesOverlap(one, subnet));
      if (shared === undefined) continue;
      const path = ["rails", rail.name, "subnets", index];
      const problem = `it overlaps \`${printPrefix(shared)}\` of rail \`${other.name}\``;
      report(wrong(inventory, path, printPrefix(subnet), problem));
    }
}

function checkNodeRail(
  inventory: Inventory,
  node: string,
  rail: string,
  { bridge, uplink, mac, nextHop }: NodeRail,
  report: Report,
): void {
  const path = ["nodes", node, "rails", rail];
  const known = inventory.rails.get(rail);
  if (known === undefined) {
    // a rail that the node has already cannot be the one that was meant
    const others = inventory.nodes.get(node)?.rails;
    const candidates = [...inventory.rails.keys()].filter((name) => others?.has(name) !== true);
    report(unknownRail(rail, candidates, inventoryKey(inventory, path)));
    return;
  }
  if (uplink === bridge)
    report(wrong(inventory, [...path, "uplink"], uplink, "the bridge's own port has this name"));
  if (known.mode !== "routed") return;
  const missing = [
    ...(mac === undefined ? (["mac"] as const) : []),
    ...(nextHop === undefined ? (["nextHop"] as const) : []),
  ];
  if (missing.length === 0) return;
  const span = inventoryKey(inventory, path);
  const of = `${node}/${rail}`;
  report({ code: "endpoint-incomplete", of, missing, because: "routed-rail", span });
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

function unknownRail(
  rail: string,
  candidates: Iterable<string>,
  span: Diagnostic["span"],
): Diagnostic {
  const suggestion = closestName(rail, candidates);
  return {
    code: "unknown-inventory-rail",
    rail,
    missingFrom: "inventory",
    ...(suggestion !== undefined && { suggestion }),
    span,
  };
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
  return undefined;
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

function wrong(inventory: Inventory, path: JsonPath, value: string, problem: string): Diagnostic {
  return {
    code: "inventory-shape",
    path: printJsonPath(path),
    value: JSON.stringify(value),
    problem,
    span: inventoryValue(inventory, path),
  };
}

function isInSubnets(rail: Rail, address: Address): boolean {
  return rail.subnets.some((subnet) => prefixHolds(subnet, address));
}

/** fe80::/10 (RFC 4291, section 2.5.6). */
function isLinkLocal({ family, value }: Address): boolean {
  return family === 6 && value >> 118n === 0x3fan;
}
