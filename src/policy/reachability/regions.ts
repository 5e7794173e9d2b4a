/** Rectangles of a comparison, and those that are read as one: both ways, and every tenant with itself. */

import type { Grid } from "./grid.js";
import type { Rectangle } from "./rectangle.js";

/** Every opener with every answerer, on every rail in all of the traffic. */
export interface Region {
  /** Kinds, ascending. */
  readonly openers: readonly number[];
  readonly answerers: readonly number[];
  /** Rail classes, ascending. */
  readonly rails: readonly number[];
  /** Pieces, as bits. */
  readonly traffic: bigint;
}

export type Bundle =
  | { readonly way: "->"; readonly regions: readonly [Region] }
  /** The second is the first the other way about; where both sides are the same, there is but one. */
  | { readonly way: "<->"; readonly regions: readonly [Region, ...Region[]] }
  /** In each, both sides are all of one tenant. */
  | { readonly way: "each"; readonly regions: readonly [Region, ...Region[]] };

export function regionOf({ rows, columns, rails, traffic }: Rectangle, grid: Grid): Region {
  return {
    openers: flattened(rows, grid.openers),
    answerers: flattened(columns, grid.answerers),
    rails: flattened(rails, grid.rails),
    traffic: traffic.reduce((sum, number) => sum | (grid.traffic[number] ?? 0n), 0n),
  };
}

function flattened(numbers: readonly number[], groups: readonly (readonly number[])[]): number[] {
  return numbers.flatMap((number) => groups[number] ?? []).sort((one, other) => one - other);
}

/** `isTenant` tells whether kinds are all of one tenant. */
export function bundlesOf(
  regions: readonly Region[],
  isTenant: (kinds: readonly number[]) => boolean,
): Bundle[] {
  const bundles: Bundle[] = [];
  const waiting = new Map<string, Region>();
  const alone = new Map<string, Region[]>();
  for (const region of regions) {
    const { openers, answerers } = region;
    const where = `${region.rails.join()} ${region.traffic}`;
    const from = openers.join();
    const to = answerers.join();
    if (from === to) {
      const known = alone.get(where);
      if (known === undefined) alone.set(where, [region]);
      else known.push(region);
      continue;
    }
    const back = waiting.get(`${to} ${from} ${where}`);
    if (back === undefined) waiting.set(`${from} ${to} ${where}`, region);
    else {
      waiting.delete(`${to} ${from} ${where}`);
      bundles.push({ way: "<->", regions: [back, region] });
    }
  }
  for (const region of waiting.values()) bundles.push({ way: "->", regions: [region] });
  for (const same of alone.values()) {
    const tenants = same.filter(({ openers }) => isTenant(openers));
    const [first] = tenants;
    if (first !== undefined && tenants.length > 1)
      bundles.push({ way: "each", regions: [first, ...tenants.slice(1)] });
    const isIn = new Set(tenants.length > 1 ? tenants : []);
    for (const region of same)
      if (!isIn.has(region)) bundles.push({ way: "<->", regions: [region] });
  }
  return bundles;
}
