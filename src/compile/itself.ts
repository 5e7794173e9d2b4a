/** What a local endpoint may say of itself. */

import type { Family } from "../net/address.js";
import { addressesOf, type LocalEndpoint } from "./fleet.js";

export const notItself = "only the endpoint itself speaks from its representor";

/** An option that is not in the packet reads as zero. */
export function ownMacOrNone({ mac }: LocalEndpoint): bigint[] {
  return [mac, 0n];
}

export function ownAddresses(local: LocalEndpoint, family: Family): bigint[] {
  return addressesOf(local, family).map(({ value }) => value);
}
