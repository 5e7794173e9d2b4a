/** Diagrams with some of their bits known, or with others in their place. */

import { type Diagrams, isTerminal, type Node } from "./diagram.js";

/** The diagram for packets of which those bits are known: `bitAt` gives 0, 1, or -1 where it is open. */
export function restrict(diagrams: Diagrams, node: Node, bitAt: (level: number) => number): Node {
  const visit = (at: Node): Node => {
    if (isTerminal(at)) return at;
    if (diagrams.isRemembered(at)) return diagrams.recall(at);
    const level = diagrams.levelOf(at);
    const bit = bitAt(level);
    if (bit === 0) return diagrams.remember(at, visit(diagrams.lowOf(at)));
    if (bit === 1) return diagrams.remember(at, visit(diagrams.highOf(at)));
    const low = visit(diagrams.lowOf(at));
    const high = visit(diagrams.highOf(at));
    return diagrams.remember(at, diagrams.node(level, low, high));
  };
  diagrams.beginWalk();
  return visit(node);
}

/** The same function of other bits; `levels` must keep their order. */
export function rename(diagrams: Diagrams, node: Node, levels: (level: number) => number): Node {
  const visit = (at: Node): Node => {
    if (isTerminal(at)) return at;
    if (diagrams.isRemembered(at)) return diagrams.recall(at);
    const low = visit(diagrams.lowOf(at));
    const high = visit(diagrams.highOf(at));
    return diagrams.remember(at, diagrams.node(levels(diagrams.levelOf(at)), low, high));
  };
  diagrams.beginWalk();
  return visit(node);
}
