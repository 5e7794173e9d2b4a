/** The networks of two policies, in sets of addresses that have one owner in each. */

import type { Family } from "../../net/address.js";
import { type AddressRange, addressSetOf, noAddress } from "../../net/address-set.js";
import type { CheckedPolicy } from "../checked-policy.js";
import { type NetworkAtom, type Owners, versions } from "./atom.js";
import type { TwoPolicies } from "./pod-atoms.js";

interface OwnedRange extends AddressRange {
  readonly tenant: string;
}

export function networkAtoms(policies: TwoPolicies): NetworkAtom[] {
  const atoms = new Map<string, { owners: Owners; ranges: Record<Family, AddressRange[]> }>();
  for (const family of [4, 6] as const) {
    const [old, young] = versions.map((version) => rangesOf(policies[version], family));
    for (const { first, last, owners } of refined(old ?? [], young ?? [])) {
      const key = JSON.stringify([owners.old, owners.new]);
      const atom = atoms.get(key) ?? { owners, ranges: { 4: [], 6: [] } };
      atoms.set(key, atom);
      const before = atom.ranges[family].at(-1);
      // ranges come ascending: only the last one can touch
      if (before?.last === first - 1n)
        atom.ranges[family].splice(-1, 1, { first: before.first, last });
      else atom.ranges[family].push({ first, last });
    }
  }
  return [...atoms.values()].map(({ owners, ranges }) => ({
    kind: "network",
    owners,
    addresses: {
      4: { ...noAddress(4), ranges: ranges[4] },
      6: { ...noAddress(6), ranges: ranges[6] },
    },
  }));
}

/** Ascending; no two tenants of a policy share an address. */
function rangesOf({ tenants }: CheckedPolicy, family: Family): OwnedRange[] {
  return [...tenants.values()]
    .flatMap(({ name, networks }) =>
      addressSetOf(family, networks).ranges.map((range) => ({ ...range, tenant: name })),
    )
    .sort((one, other) => (one.first < other.first ? -1 : 1));
}

/** Both walked through at once; what is in neither is left out. */
function* refined(
  old: readonly OwnedRange[],
  young: readonly OwnedRange[],
): Generator<AddressRange & { readonly owners: Owners }> {
  const edges = new Set<bigint>();
  for (const { first, last } of [...old, ...young]) edges.add(first).add(last + 1n);
  const sorted = [...edges].sort((one, other) => (one < other ? -1 : 1));
  let left = 0;
  let right = 0;
  for (const [index, first] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next === undefined) return;
    while ((old[left]?.last ?? first) < first) left++;
    while ((young[right]?.last ?? first) < first) right++;
    const before = ownerAt(old[left], first);
    const after = ownerAt(young[right], first);
    if (before === undefined && after === undefined) continue;
    const owners = {
      ...(before === undefined ? {} : { old: before }),
      ...(after === undefined ? {} : { new: after }),
    };
    yield { first, last: next - 1n, owners };
  }
}

function ownerAt(range: OwnedRange | undefined, address: bigint): string | undefined {
  return range !== undefined && range.first <= address ? range.tenant : undefined;
}
