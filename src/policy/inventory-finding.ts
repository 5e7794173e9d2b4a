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

/** Why no station at all can be known by the address: it means "this host", and says nothing of which. */
export function namesNoStation({ family, value }: Address): string | undefined {
  // RFC 1122, section 3.2.1.3; RFC 4291, sections 2.5.2 and 2.5.3
  if (value === 0n) return "no station has the unspecified address";
  if (family === 6) return value === 1n ? "no station has the loopback address" : undefined;
  if (value >> 24n === 0n) return "no station has an address in `0.0.0.0/8`";
  return value >> 24n === 127n ? "no station has a loopback address" : undefined;
}
