/** What a local endpoint may say of itself, as steps of a walk. */

import type { Family } from "../net/address.js";
import { prefixOf } from "../net/prefix.js";
import type { Action } from "../openflow/action.js";
import { bits } from "./destination.js";
import { addressesOf, type LocalEndpoint } from "./fleet.js";
import { type Step, withoutDoubles } from "./walk.js";

export const notItself = "only the endpoint itself speaks from its representor";

export function ownMac(local: LocalEndpoint, actions: readonly Action[]): Step {
  return { value: local.mac, length: 48, actions, why: notItself };
}

/** An option that is not in the packet reads as zero. */
export function ownMacOrNone(local: LocalEndpoint, actions: readonly Action[]): Step[] {
  return withoutDoubles([
    ownMac(local, actions),
    { value: 0n, length: 48, actions, why: notItself },
  ]);
}

export function ownAddresses(
  local: LocalEndpoint,
  family: Family,
  actions: readonly Action[],
): Step[] {
  return addressesOf(local, family).map((address) => ({
    ...bits(prefixOf(address)),
    actions,
    why: notItself,
  }));
}
