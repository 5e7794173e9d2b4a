/** Many packets sets of one shape (the same bits known, other values) to one diagram, without a set operation each. */

import type { Diagrams, Node } from "./diagram.js";

/** A bit that every row knows: bit `bit` of its value number `slot`. */
export interface VariableBit {
  readonly level: number;
  readonly slot: number;
  readonly bit: number;
}

/** A value in words of 32 bits, the lowest first. */
export type Words = readonly number[];

export function wordsOf(value: bigint): Words {
  if (value <= 0xffffffffn) return [Number(value)];
  const words: number[] = [];
  for (let rest = value; rest !== 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words;
}

export interface Cubes {
  readonly variables: readonly VariableBit[];
  /** The values of each row, by slot. */
  readonly words: readonly (readonly Words[])[];
  /** What the diagram gives for packets of a row; of rows with the same bits, `merge` says what. */
  readonly result: (row: number) => Node;
  readonly merge?: (one: Node, other: Node) => Node;
  readonly otherwise: Node;
}

/** Splits the rows by one bit after the other, as a radix sort does: each split is a node. */
export function cubesToDiagram(diagrams: Diagrams, cubes: Cubes): Node {
  const { words, result, merge, otherwise } = cubes;
  const { levels, bits, rows: order } = bitTable(cubes);
  const width = levels.length;
  const build = (from: number, to: number, depth: number): Node => {
    if (from === to) return otherwise;
    if (depth === width) {
      let node = result(order[from] as number);
      if (merge !== undefined)
        for (let at = from + 1; at < to; at++) node = merge(node, result(order[at] as number));
      return node;
    }
    if (to - from === 1) {
      const row = order[from] as number;
      let node = result(row);
      for (let at = width - 1; at >= depth; at--)
        node =
          bits[row * width + at] === 1
            ? diagrams.node(levels[at] as number, otherwise, node)
            : diagrams.node(levels[at] as number, node, otherwise);
      return node;
    }
    const middle = partition(order, from, to, (row) => bits[row * width + depth] === 0);
    const low = build(from, middle, depth + 1);
    const high = build(middle, to, depth + 1);
    return diagrams.node(levels[depth] as number, low, high);
  };
  return words.length === 0 ? otherwise : build(0, order.length, 0);
}

/** One column for each level, ascending; rows that ask two things of one bit are left out. */
function bitTable({ variables, words }: Cubes) {
  const sorted = [...variables].sort((one, other) => one.level - other.level);
  const levels = [...new Set(sorted.map(({ level }) => level))];
  const width = levels.length;
  const bits = new Uint8Array(words.length * width);
  const order = new Int32Array(words.length);
  let kept = 0;
  for (const [row, values] of words.entries()) {
    let column = -1;
    let level = -1;
    let fits = true;
    for (const variable of sorted) {
      const word = (values[variable.slot] as Words)[variable.bit >> 5] ?? 0;
      const bit = (word >>> (variable.bit & 31)) & 1;
      if (variable.level === level) {
        if (bits[row * width + column] !== bit) fits = false;
      } else {
        level = variable.level;
        bits[row * width + ++column] = bit;
      }
    }
    if (fits) order[kept++] = row;
  }
  return { levels, bits, rows: order.subarray(0, kept) };
}

/** Keeps the order of the rows on both sides. */
function partition(
  order: Int32Array,
  from: number,
  to: number,
  isLeft: (row: number) => boolean,
): number {
  let left = from;
  const right: number[] = [];
  for (let at = from; at < to; at++) {
    const row = order[at] as number;
    if (isLeft(row)) order[left++] = row;
    else right.push(row);
  }
  for (const [index, row] of right.entries()) order[left + index] = row;
  return left;
}
