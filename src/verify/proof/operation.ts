/** The ways to combine two diagrams, by what they make of terminals. */

import { everything, isTerminal, type Node, nothing } from "./diagram.js";

/** What `quick` answers where it has to be looked further into; no node has this number. */
export const undecided = -0x80000000;

/** A way to combine two diagrams. Results are kept under `id`, which is not zero, so one id must always mean the same. */
export interface Operation {
  readonly id: number;
  /** The result where both are terminals, and wherever else it is plain; else `undecided`. */
  readonly quick: (one: Node, other: Node) => Node;
}

/** Ids of other operations begin here. */
export const firstFreeId = 16;

export const conjunction: Operation = {
  id: 1,
  quick: (one, other) => {
    if (one === nothing || other === nothing) return nothing;
    if (one === everything || one === other) return other;
    return other === everything ? one : undecided;
  },
};

export const disjunction: Operation = {
  id: 2,
  quick: (one, other) => {
    if (one === everything || other === everything) return everything;
    if (one === nothing || one === other) return other;
    return other === nothing ? one : undecided;
  },
};

export const difference: Operation = {
  id: 3,
  quick: (one, other) => {
    if (one === nothing || other === everything || one === other) return nothing;
    return other === nothing ? one : undecided;
  },
};

export const unequal: Operation = {
  id: 4,
  quick: (one, other) => {
    if (one === other) return nothing;
    return isTerminal(one) && isTerminal(other) ? everything : undecided;
  },
};

/** The packets for which the first diagram gives the value that the other one is. */
export const equality: Operation = {
  id: 5,
  quick: (one, other) => {
    if (!isTerminal(one)) return undecided;
    return one === other ? everything : nothing;
  },
};
