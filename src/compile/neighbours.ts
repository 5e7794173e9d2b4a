/** Whose link-layer address a local party may ask for: gateways, and endpoints that some rule lets it meet. */

import type { Family } from "../net/address.js";
import { type AddressSet, addressSetOf, prefixesOf, uniteAddresses } from "../net/address-set.js";
import { prefixOf } from "../net/prefix.js";
import type { Action } from "../openflow/action.js";
import { bits, groupFinder } from "./destination.js";
import type { LocalEndpoint } from "./fleet.js";
import { isMeeting } from "./grant.js";
import type { Party } from "./party.js";
import type { RailView } from "./rail-view.js";
import { type Step, withoutDoubles } from "./walk.js";

export interface Neighbours {
  /** Everybody the party may ask for, the node's own endpoints among them. */
  readonly addresses: AddressSet;
  readonly locals: readonly LocalEndpoint[];
}

export function neighboursOf(view: RailView, source: Party, family: Family): Neighbours {
  const groups = view.groupsOf(source).filter((group) => isMeeting(group.bearings, family));
  const named = new Set(view.namedBy(source).map(({ party }) => party.label));
  const members = groups.flatMap((group) => [
    ...group.members,
    ...(group.rest ? [...view.fleet.members()].filter(({ party }) => !named.has(party.label)) : []),
  ]);
  const here = members.filter(({ party }) => party.standing === undefined);
  const met = new Set(groups.map(({ key }) => key));
  const groupOf = groupFinder(view.groupsOf(source));
  return {
    addresses: uniteAddresses(
      addressSetOf(family, view.gateways(family)),
      ...here.map((member) => member.endpoints(family)),
    ),
    locals: view.locals(family).filter(({ party }) => met.has(groupOf(party)?.key ?? "no group")),
  };
}

/** Where each may be asked: through the uplink, or at its representor. */
export function neighbourSteps(
  { addresses, locals }: Neighbours,
  family: Family,
  toUplink: readonly Action[],
  toLocal: (local: LocalEndpoint) => readonly Action[],
  why: string,
): Step[] {
  const remote = prefixesOf(addresses).map((prefix) => ({
    ...bits(prefix),
    actions: toUplink,
    why,
  }));
  const near = locals.flatMap((local) =>
    local.addresses
      .filter((address) => address.family === family)
      .map((address) => ({ ...bits(prefixOf(address)), actions: toLocal(local), why })),
  );
  return withoutDoubles([...remote, ...near]);
}

/** Everybody alike: where the bridge itself answers, it does not matter where they are. */
export function answeredSteps(
  { addresses }: Neighbours,
  actions: readonly Action[],
  why: string,
): Step[] {
  return prefixesOf(addresses).map((prefix) => ({ ...bits(prefix), actions, why }));
}
