/**
 * Atoms that the rules of both policies treat alike, put together: what is decided for one is decided for all of
 * them. Most policies have as many kinds as tenants.
 */

import type { Family } from "../../net/address.js";
import { isNoAddress } from "../../net/address-set.js";
import type { Selector } from "../checked-policy.js";
import { keyOfSelector } from "../names.js";
import { type Atom, stranger, type Version, versions } from "./atom.js";
import { networkAtoms } from "./network-atoms.js";
import { podAtoms, type TwoPolicies } from "./pod-atoms.js";

export interface Kind {
  readonly atoms: readonly Atom[];
  /** IP families that its addresses can have. */
  readonly families: ReadonlySet<Family>;
  /** Those of which it has two addresses: one machine alone has nobody to talk to. */
  readonly meetsItself: ReadonlySet<Family>;
}

/** Kinds that a selector covers, by number, ascending. Equal extents are the same object. */
export interface Extent {
  readonly number: number;
  readonly isEverything: boolean;
  readonly kinds: readonly number[];
}

export interface Kinds {
  readonly all: readonly Kind[];
  extentOf(version: Version, selector: Selector): Extent;
}

/** @throws {TooManyKinds} */
export function kindsOf(policies: TwoPolicies): Kinds {
  const atoms: readonly Atom[] = [...podAtoms(policies), ...networkAtoms(policies), stranger];
  const selectors = new SelectorNumbers();
  const signatures: number[][] = atoms.map(() => []);
  for (const version of versions) {
    const owned = atomsByOwner(atoms, version);
    for (const { clauses } of policies[version].rules)
      for (const { opener, answerer } of clauses)
        for (const selector of [opener, answerer]) {
          if (selector.kind === "any" || selectors.has(version, selector)) continue;
          const number = selectors.add(version, selector);
          for (const index of owned.get(selector.tenant) ?? [])
            if (coversAtom(selector, atoms[index] as Atom)) signatures[index]?.push(number);
        }
  }
  const bySignature = new Map<string, { signature: readonly number[]; atoms: Atom[] }>();
  for (const [index, atom] of atoms.entries()) {
    const signature = signatures[index] ?? [];
    const key = signature.join(",");
    const same = bySignature.get(key);
    if (same === undefined) bySignature.set(key, { signature, atoms: [atom] });
    else same.atoms.push(atom);
  }
  const kinds = [...bySignature.values()];
  const extents = extentsOf(
    kinds.map(({ signature }) => signature),
    selectors.count,
  );
  return {
    all: kinds.map(kindOf),
    extentOf: (version, selector) =>
      (selector.kind === "any"
        ? extents.everything
        : extents.bySelector[selectors.numberOf(version, selector)]) as Extent,
  };
}

/** Whether a selector of the tenant that owns the atom covers it. */
function coversAtom(selector: Exclude<Selector, { kind: "any" }>, atom: Atom): boolean {
  if (selector.kind === "tenant") return true;
  return atom.kind === "pods" && atom.matched.has(selector.namespace);
}

function atomsByOwner(
  atoms: readonly Atom[],
  version: Version,
): ReadonlyMap<string, readonly number[]> {
  const owned = new Map<string, number[]>();
  for (const [index, { owners }] of atoms.entries()) {
    const tenant = owners[version];
    if (tenant === undefined) continue;
    const known = owned.get(tenant);
    if (known === undefined) owned.set(tenant, [index]);
    else known.push(index);
  }
  return owned;
}

/** Groups share the objects of their selectors, so most are found without their text. */
class SelectorNumbers {
  count = 0;
  private readonly byKey = new Map<string, number>();
  private readonly byObject: Record<Version, Map<Selector, number>> = {
    old: new Map(),
    new: new Map(),
  };

  has(version: Version, selector: Selector): boolean {
    if (this.byObject[version].has(selector)) return true;
    const number = this.byKey.get(`${version} ${keyOfSelector(selector)}`);
    if (number === undefined) return false;
    this.byObject[version].set(selector, number);
    return true;
  }

  add(version: Version, selector: Selector): number {
    this.byKey.set(`${version} ${keyOfSelector(selector)}`, this.count);
    this.byObject[version].set(selector, this.count);
    return this.count++;
  }

  numberOf(version: Version, selector: Selector): number {
    if (!this.has(version, selector)) throw new Error(`no rule names ${keyOfSelector(selector)}`);
    return this.byObject[version].get(selector) as number;
  }
}

function extentsOf(signatures: readonly (readonly number[])[], selectors: number) {
  const kinds: number[][] = Array.from({ length: selectors }, () => []);
  for (const [kind, signature] of signatures.entries())
    for (const selector of signature) kinds[selector]?.push(kind);
  const known = new Map<string, Extent>();
  const extent = (members: readonly number[]): Extent => {
    const key = members.join(",");
    const isEverything = members.length === signatures.length;
    const same = known.get(key) ?? { number: known.size, isEverything, kinds: members };
    known.set(key, same);
    return same;
  };
  return { bySelector: kinds.map(extent), everything: extent([...signatures.keys()]) };
}

function kindOf({ atoms }: { readonly atoms: readonly Atom[] }): Kind {
  const having = (holds: (atom: Atom, family: Family) => boolean) =>
    new Set(([4, 6] as const).filter((family) => atoms.some((atom) => holds(atom, family))));
  const counts = ([4, 6] as const).map((family) => addressesIn(atoms, family));
  return {
    atoms,
    families: having((atom, family) => atom.kind !== "network" || hasAddress(atom, family)),
    meetsItself: new Set(([4, 6] as const).filter((_, index) => (counts[index] ?? 0n) > 1n)),
  };
}

function hasAddress(atom: Extract<Atom, { kind: "network" }>, family: Family): boolean {
  return !isNoAddress(atom.addresses[family]);
}

/** Of pods and strangers there may be any number: two are as good as many. */
function addressesIn(atoms: readonly Atom[], family: Family): bigint {
  let count = 0n;
  for (const atom of atoms)
    if (atom.kind !== "network") count += 2n;
    else for (const { first, last } of atom.addresses[family].ranges) count += last - first + 1n;
  return count;
}
