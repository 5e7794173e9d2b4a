/** How many masks megaflows have: the datapath tries one after the other for each packet that it has not cached. */

import type { Megaflow } from "../datapath/megaflow.js";

/** A mask is the fields that are looked at, and which of their bits: one subtable of a classifier. */
export function countMasks(megaflows: readonly Megaflow[]): number {
  const masks = new Set<string>();
  for (const { match } of megaflows) {
    const parts: string[] = [];
    for (const { name, field, mask } of match.fields)
      if (mask !== 0n) parts.push(`${field ?? name}/${mask.toString(16)}`);
    masks.add(parts.sort().join());
  }
  return masks.size;
}
