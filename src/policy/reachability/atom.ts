/**
 * What two policies can tell apart on one side of a connection: the common refinement of the namespaces and networks
 * of both. Every address there could be is in exactly one atom, whatever the inventory.
 */

import type { AddressSet } from "../../net/address-set.js";

/** Which of the two policies. */
export type Version = "old" | "new";

export const versions: readonly Version[] = ["old", "new"];

/** The tenant that has the atom in each policy, if one does. */
export type Owners = { readonly [version in Version]?: string };

export type Atom = PodAtom | NetworkAtom | StrangerAtom;

/** All pods whose namespace matches these patterns and none of the others. */
export interface PodAtom {
  readonly kind: "pods";
  readonly owners: Owners;
  /** Claims of tenants and namespaces that rules name, of both policies. */
  readonly matched: ReadonlySet<string>;
  /** Those that do not match these pods, but others of the same tenants. */
  readonly unmatched: readonly string[];
}

/** Addresses that tenants have as networks, of both families. */
export interface NetworkAtom {
  readonly kind: "network";
  readonly owners: Owners;
  readonly addresses: { readonly 4: AddressSet; readonly 6: AddressSet };
}

/** Whatever no tenant of either policy has: addresses that nobody knows, pods that nobody claims. */
export interface StrangerAtom {
  readonly kind: "stranger";
  readonly owners: Owners;
}

export const stranger: StrangerAtom = { kind: "stranger", owners: {} };
