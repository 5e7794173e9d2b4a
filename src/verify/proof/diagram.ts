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
  #levels: Uint16Array;
  #lows: Int32Array;
  #highs: Int32Array;
  /** The next node in the same bucket, and the first of each; counted from 1, so that zero is none. */
  #next: Int32Array;
  #heads: Int32Array;
  #size = 0;
  #seen = new Int32Array(smallest);
  #seenResult = new Int32Array(smallest);
  #stamp = 0;

  /** Room for so many costs next to nothing before it is used: growing costs a look at each node. */
  constructor(expected: number = smallest) {
    let length = smallest;
    while (length < expected && length < mostExpected) length *= 2;
    this.#levels = new Uint16Array(length);
    this.#lows = new Int32Array(length);
    this.#highs = new Int32Array(length);
    this.#next = new Int32Array(length);
    this.#heads = new Int32Array(length);
  }

  /** How many nodes there is room for. */
  get capacity(): number {
    return this.#levels.length;
  }

  get size(): number {
    return this.#size;
  }

  levelOf(node: Node): number {
    return node < 0 ? deepest : (this.#levels[node] as number);
  }

  lowOf(node: Node): Node {
    return this.#lows[node] as number;
  }

  highOf(node: Node): Node {
    return this.#highs[node] as number;
  }

  /** `level` must stand before those of `low` and `high`. */
  node(level: number, low: Node, high: Node): Node {
    if (low === high) return low;
    let bucket = hashOf(level, low, high) & (this.#heads.length - 1);
    for (let at = (this.#heads[bucket] as number) - 1; at >= 0; at = (this.#next[at] as number) - 1)
      if (this.#lows[at] === low && this.#highs[at] === high && this.#levels[at] === level)
        return at;
    if (this.#size === this.#levels.length) {
      this.#grow();
      bucket = hashOf(level, low, high) & (this.#heads.length - 1);
    }
    const made = this.#size++;
    this.#levels[made] = level;
    this.#lows[made] = low;
    this.#highs[made] = high;
    this.#next[made] = this.#heads[bucket] as number;
    this.#heads[bucket] = made + 1;
    return made;
  }

  /** A walk that meets each node once: `recall` gives what `remember` was told since. Walks must not nest. */
  beginWalk(): void {
    if (this.#seen.length < this.#size) {
      this.#seen = new Int32Array(this.#levels.length);
      this.#seenResult = new Int32Array(this.#levels.length);
      this.#stamp = 0;
    }
    this.#stamp++;
  }

  isRemembered(node: Node): boolean {
    return this.#seen[node] === this.#stamp;
  }

  recall(node: Node): Node {
    return this.#seenResult[node] as number;
  }

  remember(node: Node, result: Node): Node {
    this.#seen[node] = this.#stamp;
    this.#seenResult[node] = result;
    return result;
  }

  #grow(): void {
    const length = this.#levels.length * 2;
    if (length > mostNodes)
      throw new DiagramLimitError(`more than ${mostNodes} nodes of decision diagrams`);
    const levels = new Uint16Array(length);
    levels.set(this.#levels);
    this.#levels = levels;
    this.#lows = grown(this.#lows, length);
    this.#highs = grown(this.#highs, length);
    this.#next = new Int32Array(length);
    this.#heads = new Int32Array(length);
    for (let at = 0; at < this.#size; at++) {
      const bucket =
        hashOf(levels[at] as number, this.#lows[at] as number, this.#highs[at] as number) &
        (length - 1);
      this.#next[at] = this.#heads[bucket] as number;
      this.#heads[bucket] = at + 1;
    }
  }
}

function grown(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(length);
  longer.set(array);
  return longer;
}

export function hashOf(one: number, two: number, three: number): number {
  let mixed =
    Math.imul(one, 0x9e3779b1) ^ Math.imul(two, 0x85ebca6b) ^ Math.imul(three, 0xc2b2ae35);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
