/** The findings that several checks of an inventory make. */

import type { Address } from "../net/address.js";
import { prefixHolds } from "../net/prefix.js";
import type { Diagnostic } from "../text/diagnostic.js";
import { closestName } from "../text/edit-distance.js";
import type { Inventory, Rail } from "./inventory.js";
import { inventoryValue, printJsonPath } from "./inventory-places.js";
import type { JsonPath } from "./json-places.js";

export function unknownRail(
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

export function wrong(
  inventory: Inventory,
  path: JsonPath,
  value: string,
  problem: string,
): Diagnostic {
  return {
    code: "inventory-shape",
    path: printJsonPath(path),
    value: JSON.stringify(value),
    problem,
    span: inventoryValue(inventory, path),
  };
}

export function isInSubnets(rail: Rail, address: Address): boolean {
  return rail.subnets.some((subnet) => prefixHolds(subnet, address));
}
