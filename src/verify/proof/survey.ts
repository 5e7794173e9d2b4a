/** What there is in a decision diagram, found by looking at each of its nodes once. */

import { type Diagrams, isTerminal, type Node, valueIn } from "./diagram.js";

export interface Values {
  /** Ascending. */
  readonly values: readonly number[];
  readonly deepest: number;
}

/** Every value of the diagram, and its deepest level. */
export function valuesIn(diagrams: Diagrams, node: Node): Values {
  const values = new Set<number>();
  let lowest = 0;
  diagrams.beginWalk();
  const visit = (at: Node): void => {
    if (isTerminal(at)) {
      values.add(valueIn(at));
      return;
    }
    if (diagrams.isRemembered(at)) return;
    diagrams.remember(at, at);
    const level = diagrams.levelOf(at);
    if (level > lowest) lowest = level;
    visit(diagrams.lowOf(at));
    visit(diagrams.highOf(at));
  };
  visit(node);
  return { values: [...values].sort((one, other) => one - other), deepest: lowest };
}

export function hasAtMost(diagrams: Diagrams, node: Node, most: number): boolean {
  let left = most;
  diagrams.beginWalk();
  const fits = (at: Node): boolean => {
    if (isTerminal(at) || diagrams.isRemembered(at)) return true;
    diagrams.remember(at, at);
    return left-- > 0 && fits(diagrams.lowOf(at)) && fits(diagrams.highOf(at));
  };
  return fits(node);
}
