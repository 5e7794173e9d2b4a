/** The addresses in a diagram, as prefixes. */

import { type Family, widthOf } from "../../net/address.js";
import type { Prefix } from "../../net/prefix.js";
import { type Diagrams, everything, type Node, nothing } from "../proof/diagram.js";

/** `levels` are those of the address's bits, the highest first; the diagram asks for no others. */
export function prefixesIn(
  diagrams: Diagrams,
  set: Node,
  levels: readonly number[],
  family: Family,
): Prefix[] {
  const found: Prefix[] = [];
  const width = widthOf(family);
  const visit = (at: Node, length: number, value: bigint): void => {
    if (at === nothing) return;
    if (at === everything) {
      found.push({ family, value: value << BigInt(width - length), length });
      return;
    }
    const isHere = diagrams.levelOf(at) === levels[length];
    visit(isHere ? diagrams.lowOf(at) : at, length + 1, value << 1n);
    visit(isHere ? diagrams.highOf(at) : at, length + 1, (value << 1n) | 1n);
  };
  visit(set, 0, 0n);
  return found;
}
