/**
 * Decision diagrams: functions from the bits of a packet to a number, reduced and ordered (R. E. Bryant, "Graph-Based
 * Algorithms for Boolean Function Manipulation", 1986), with more than two terminals. A node is made once for each
 * (level, low, high), so equal functions are the same number and are compared in one step.
 */

/** An inner node is its place; a terminal of value `v` is `~v`, which is negative. */
export type Node = number;

export function terminalOf(value: number): Node {
  return ~value;
}

export function isTerminal(node: Node): boolean {
  return node < 0;
}

export function valueIn(terminal: Node): number {
  return ~terminal;
}

/** Sets are diagrams with these two terminals. */
export const nothing: Node = terminalOf(0);
export const everything: Node = terminalOf(1);

/** The level of terminals: behind every bit. */
export const deepest = 0xffff;

const smallest = 1 << 16;
/** What is expected is a guess: 110 MB. */
const mostExpected = 1 << 22;
/** So much is 800 MB of nodes and caches. */
const mostNodes = 1 << 25;

/** More sets than memory can hold: the answer is then unknown, not wrong. */
export class DiagramLimitError extends Error {
  override readonly name = "DiagramLimitError";
}

export class Diagrams {
  /** Four numbers for each node, side by side because they are asked for together: level, low, high, and the next node
   * of the same bucket. Buckets count from 1, so that zero is none. */
  #nodes: Int32Array;
  #heads: Int32Array;
  #size = 0;
  /** Two numbers for each node: the walk that met it last, and what was remembered of it. */
  #seen = new Int32Array(2 * smallest);
  #stamp = 0;

  /** Room for so many costs next to nothing before it is used: growing costs a look at each node. */
  constructor(expected: number = smallest) {
    let length = smallest;
    while (length < expected && length < mostExpected) length *= 2;
    this.#nodes = new Int32Array(4 * length);
    this.#heads = new Int32Array(length);
  }

  /** How many nodes there is room for. */
  get capacity(): number {
    return this.#heads.length;
  }

  get size(): number {
    return this.#size;
  }

  levelOf(node: Node): number {
    return node < 0 ? deepest : (this.#nodes[4 * node] as number);
  }

  lowOf(node: Node): Node {
    return this.#nodes[4 * node + 1] as number;
  }

  highOf(node: Node): Node {
    return this.#nodes[4 * node + 2] as number;
  }

  /** `level` must stand before those of `low` and `high`. */
  node(level: number, low: Node, high: Node): Node {
    if (low === high) return low;
    const nodes = this.#nodes;
    const heads = this.#heads;
    const bucket = hashOf(level, low, high) & (heads.length - 1);
    const head = heads[bucket] as number;
    for (let at = head; at > 0; ) {
      const from = 4 * (at - 1);
      if (nodes[from + 1] === low && nodes[from + 2] === high && nodes[from] === level)
        return at - 1;
      at = nodes[from + 3] as number;
    }
    const made = this.#size;
    if (made === heads.length) {
      this.#grow();
      return this.node(level, low, high);
    }
    this.#size = made + 1;
    const to = 4 * made;
    nodes[to] = level;
    nodes[to + 1] = low;
    nodes[to + 2] = high;
    nodes[to + 3] = head;
    heads[bucket] = made + 1;
    return made;
  }

  /** A walk that meets each node once: `recall` gives what `remember` was told since. Walks must not nest. */
  beginWalk(): void {
    if (this.#seen.length < 2 * this.#size) {
      this.#seen = new Int32Array(2 * this.#heads.length);
      this.#stamp = 0;
    }
    this.#stamp++;
  }

  isRemembered(node: Node): boolean {
    return this.#seen[2 * node] === this.#stamp;
  }

  recall(node: Node): Node {
    return this.#seen[2 * node + 1] as number;
  }

  remember(node: Node, result: Node): Node {
    this.#seen[2 * node] = this.#stamp;
    this.#seen[2 * node + 1] = result;
    return result;
  }

  #grow(): void {
    const length = this.#heads.length * 2;
    if (length > mostNodes)
      throw new DiagramLimitError(`more than ${mostNodes} nodes of decision diagrams`);
    const nodes = new Int32Array(4 * length);
    nodes.set(this.#nodes);
    const heads = new Int32Array(length);
    for (let made = 0, at = 0; made < this.#size; made++, at += 4) {
      const bucket =
        hashOf(nodes[at] as number, nodes[at + 1] as number, nodes[at + 2] as number) &
        (length - 1);
      nodes[at + 3] = heads[bucket] as number;
      heads[bucket] = made + 1;
    }
    this.#nodes = nodes;
    this.#heads = heads;
  }
}

export function hashOf(one: number, two: number, three: number): number {
  let mixed =
    Math.imul(one, 0x9e3779b1) ^ Math.imul(two, 0x85ebca6b) ^ Math.imul(three, 0xc2b2ae35);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
