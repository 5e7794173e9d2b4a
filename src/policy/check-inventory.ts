/** What can be wrong between a policy and an inventory, and with the part of a node that is to be compiled. */

import { printAddress } from "../net/address.js";
import { prefixesOverlap, prefixHolds, printPrefix } from "../net/prefix.js";
import type { Diagnostic } from "../text/diagnostic.js";
import { closestName } from "../text/edit-distance.js";
import type { CheckedPolicy } from "./checked-policy.js";
import { nameOf } from "./endpoint-problems.js";
import type { Endpoint, Inventory } from "./inventory.js";
import { endpointPath, inventoryKey, inventoryValue, printJsonPath } from "./inventory-places.js";
import { namespaceOwners } from "./namespace-owners.js";
import { inOrder, type Report } from "./report.js";

/** With `node`, that node is there and its endpoints have all that compiling them needs. */
export function checkInventory(
  policy: CheckedPolicy,
  inventory: Inventory,
  node?: string,
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => diagnostics.push(diagnostic);
  checkRails(policy, inventory, report);
  checkNetworks(policy, inventory, report);
  checkGateways(policy, inventory, report);
  checkNamespaces(policy, inventory, report);
  if (node !== undefined) checkNode(inventory, node, report);
  return inOrder(diagnostics);
}

function checkRails(policy: CheckedPolicy, inventory: Inventory, report: Report): void {
  for (const rail of policy.rails) {
    if (inventory.rails.has(rail)) continue;
    const suggestion = closestName(
      rail,
      [...inventory.rails.keys()].filter((name) => !policy.rails.includes(name)),
    );
    report({
      code: "unknown-inventory-rail",
      rail,
      missingFrom: "inventory",
      ...(suggestion !== undefined && { suggestion }),
      span: inventoryKey(inventory, ["rails"]),
    });
  }
}

function checkNetworks(policy: CheckedPolicy, inventory: Inventory, report: Report): void {
  const subnets = [...inventory.rails.values()].flatMap((rail) =>
    rail.subnets.map((subnet, index) => ({ rail: rail.name, subnet, index })),
  );
  for (const tenant of policy.tenants.values())
    for (const network of tenant.networks)
      for (const { rail, subnet, index } of subnets) {
        if (!prefixesOverlap(network, subnet)) continue;
        report({
          code: "network-overlaps-subnet",
          network: printPrefix(network),
          tenant: tenant.name,
          rail,
          subnet: printPrefix(subnet),
          span: inventoryValue(inventory, ["rails", rail, "subnets", index]),
          labels: [{ span: tenant.span, role: "defined-here" }],
        });
      }
}

/** A gateway's packets are judged as a stranger's; a link-local one is in no subnet, so a network may hold it. */
function checkGateways(policy: CheckedPolicy, inventory: Inventory, report: Report): void {
  for (const rail of inventory.rails.values())
    for (const [index, gateway] of rail.gateways.entries())
      for (const tenant of policy.tenants.values()) {
        const network = tenant.networks.find((one) => prefixHolds(one, gateway));
        if (network === undefined || rail.subnets.some((subnet) => prefixHolds(subnet, gateway)))
          continue;
        const path = ["rails", rail.name, "gateways", index];
        report({
          code: "inventory-shape",
          path: printJsonPath(path),
          value: JSON.stringify(printAddress(gateway)),
          problem: `it is in network \`${printPrefix(network)}\` of tenant \`${tenant.name}\``,
          span: inventoryValue(inventory, path),
          labels: [{ span: tenant.span, role: "defined-here" }],
        });
      }
}

/** One warning for a namespace, at its first endpoint. */
function checkNamespaces(policy: CheckedPolicy, inventory: Inventory, report: Report): void {
  const byNamespace = new Map<string, { first: Endpoint; count: number }>();
  for (const endpoint of inventory.endpoints) {
    const known = byNamespace.get(endpoint.namespace);
    if (known !== undefined) known.count++;
    else byNamespace.set(endpoint.namespace, { first: endpoint, count: 1 });
  }
  const ownerOf = namespaceOwners(policy);
  for (const [namespace, { first, count }] of byNamespace) {
    if (ownerOf(namespace) !== undefined) continue;
    const span = inventoryValue(inventory, endpointPath(inventory, first, "namespace"));
    report({ code: "unclaimed-namespace", namespace, endpoints: count, span });
  }
}

function checkNode(inventory: Inventory, node: string, report: Report): void {
  if (!inventory.nodes.has(node)) {
    const suggestion = closestName(node, inventory.nodes.keys());
    const span = inventoryKey(inventory, ["nodes"]);
    report({ code: "unknown-node", node, ...(suggestion !== undefined && { suggestion }), span });
    return;
  }
  for (const endpoint of inventory.endpoints) {
    if (endpoint.node !== node) continue;
    const missing = [
      ...(endpoint.mac === undefined ? (["mac"] as const) : []),
      ...(endpoint.representor === undefined ? (["representor"] as const) : []),
    ];
    if (missing.length === 0) continue;
    const span = inventoryValue(inventory, endpointPath(inventory, endpoint));
    const because = "compiled-node";
    report({ code: "endpoint-incomplete", of: nameOf(endpoint), missing, because, span });
  }
}
