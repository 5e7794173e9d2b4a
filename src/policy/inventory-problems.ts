/** What can be wrong with an inventory by itself, whatever the policy. */

import { type Address, printAddress } from "../net/address.js";
import { prefixesOverlap, printPrefix } from "../net/prefix.js";
import type { Diagnostic } from "../text/diagnostic.js";
import { checkEndpoints } from "./endpoint-problems.js";
import type { Inventory, NodeRail, Rail } from "./inventory.js";
import { isInSubnets, namesNoStation, unknownRail, wrong } from "./inventory-finding.js";
import { inventoryKey, inventoryValue } from "./inventory-places.js";
import { isNeverAddress } from "./ip-packet.js";
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
  checkEndpoints(inventory, report);
  return diagnostics;
}

function checkRail(inventory: Inventory, rail: Rail, report: Report): void {
  for (const [index, gateway] of rail.gateways.entries()) {
    const path = ["rails", rail.name, "gateways", index];
    const text = printAddress(gateway);
    const problem = isNeverAddress(rail, gateway)
      ? "no station has a broadcast or multicast address"
      : namesNoStation(gateway);
    if (problem !== undefined) report(wrong(inventory, path, text, problem));
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

/** fe80::/10 (RFC 4291, section 2.5.6). */
function isLinkLocal({ family, value }: Address): boolean {
  return family === 6 && value >> 118n === 0x3fan;
}
