/** What is done with decision diagrams: two combined terminal by terminal, one chosen by another, terminals replaced. */

import {
  Diagrams,
  everything,
  hashOf,
  isTerminal,
  type Node,
  nothing,
  terminalOf,
  valueIn,
} from "./diagram.js";
import {
  conjunction,
  difference,
  disjunction,
  equality,
  firstFreeId,
  type Operation,
  undecided,
  unequal,
} from "./operation.js";
import { type Values, valuesIn } from "./survey.js";

const most = 1 << 21;
const mostValues = 1 << 14;

export class Operations {
  readonly diagrams: Diagrams;
  #ids = firstFreeId;
  /** Four numbers for each entry: operation, two operands, result. Entries push each other out. */
  #cache: Int32Array;
  /** So many nodes make it too small. */
  #cacheLimit: number;
  readonly #choices: Int32Array = new Int32Array(4 << 20);
  /** What was asked of whole diagrams, by node. */
  readonly #values = new Map<Node, Values>();

  constructor(diagrams: Diagrams = new Diagrams()) {
    this.diagrams = diagrams;
    this.#cacheLimit = Math.min(diagrams.capacity, most);
    this.#cache = new Int32Array(4 * this.#cacheLimit);
  }

  operation(quick: Operation["quick"]): Operation {
    return { id: this.#ids++, quick };
  }

  combine(operation: Operation, one: Node, other: Node): Node {
    const quick = operation.quick(one, other);
    if (quick !== undecided) return quick;
    const cache = this.#cache;
    const at = (hashOf(operation.id, one, other) & ((cache.length >> 2) - 1)) << 2;
    if (cache[at] === operation.id && cache[at + 1] === one && cache[at + 2] === other)
      return cache[at + 3] as number;
    const { diagrams } = this;
    const first = diagrams.levelOf(one);
    const second = diagrams.levelOf(other);
    const level = first < second ? first : second;
    const low = this.combine(
      operation,
      first === level ? diagrams.lowOf(one) : one,
      second === level ? diagrams.lowOf(other) : other,
    );
    const high = this.combine(
      operation,
      first === level ? diagrams.highOf(one) : one,
      second === level ? diagrams.highOf(other) : other,
    );
    const result = diagrams.node(level, low, high);
    if (diagrams.size > this.#cacheLimit) this.#growCache();
    // the cache may have been replaced meanwhile; writing into the old one does no harm
    cache[at] = operation.id;
    cache[at + 1] = one;
    cache[at + 2] = other;
    cache[at + 3] = result;
    return result;
  }

  #growCache(): void {
    const entries = Math.min(2 * this.#cacheLimit, most);
    this.#cache = new Int32Array(4 * entries);
    this.#cacheLimit = entries === most ? Number.POSITIVE_INFINITY : entries;
  }

  and(one: Node, other: Node): Node {
    return this.combine(conjunction, one, other);
  }

  or(one: Node, other: Node): Node {
    return this.combine(disjunction, one, other);
  }

  /** What is in `one` and not in `other`. */
  without(one: Node, other: Node): Node {
    return this.combine(difference, one, other);
  }

  /** The packets for which the two diagrams do not give the same. */
  differ(one: Node, other: Node): Node {
    return this.combine(unequal, one, other);
  }

  not(set: Node): Node {
    return this.without(everything, set);
  }

  /** `inside` where the packet is in the set, else `outside`. */
  choose(set: Node, inside: Node, outside: Node): Node {
    if (set === everything || inside === outside) return inside;
    if (set === nothing) return outside;
    const cache = this.#choices;
    // three operands in an entry of four: the place is the hash of all
    const at =
      (hashOf(set, inside, Math.imul(outside, 0x27d4eb2f)) & ((cache.length >> 2) - 1)) << 2;
    // counted from 1, so that an empty entry is of no set
    if (cache[at] === set + 1 && cache[at + 1] === inside && cache[at + 2] === outside)
      return cache[at + 3] as number;
    const { diagrams } = this;
    const a = diagrams.levelOf(set);
    const b = diagrams.levelOf(inside);
    const c = diagrams.levelOf(outside);
    const level = Math.min(a, b, c);
    const low = this.choose(
      a === level ? diagrams.lowOf(set) : set,
      b === level ? diagrams.lowOf(inside) : inside,
      c === level ? diagrams.lowOf(outside) : outside,
    );
    const high = this.choose(
      a === level ? diagrams.highOf(set) : set,
      b === level ? diagrams.highOf(inside) : inside,
      c === level ? diagrams.highOf(outside) : outside,
    );
    const result = diagrams.node(level, low, high);
    cache[at] = set + 1;
    cache[at + 1] = inside;
    cache[at + 2] = outside;
    cache[at + 3] = result;
    return result;
  }

  /** Each terminal replaced by another, by value. */
  mapValues(node: Node, replace: (value: number) => number): Node {
    this.diagrams.beginWalk();
    return this.#map(node, replace);
  }

  #map(node: Node, replace: (value: number) => number): Node {
    if (isTerminal(node)) return terminalOf(replace(valueIn(node)));
    const { diagrams } = this;
    if (diagrams.isRemembered(node)) return diagrams.recall(node);
    const low = this.#map(diagrams.lowOf(node), replace);
    const high = this.#map(diagrams.highOf(node), replace);
    return diagrams.remember(node, diagrams.node(diagrams.levelOf(node), low, high));
  }

  /** The packets for which the diagram gives that value. */
  whereValue(node: Node, value: number): Node {
    return this.combine(equality, node, terminalOf(value));
  }

  /** Every value of the diagram, ascending, and its deepest level. */
  valuesOf(node: Node): Values {
    let known = this.#values.get(node);
    if (known === undefined) {
      if (this.#values.size >= mostValues) this.#values.clear();
      known = valuesIn(this.diagrams, node);
      this.#values.set(node, known);
    }
    return known;
  }

  /** Each terminal replaced by a diagram, which is asked for once. */
  compose(node: Node, replacement: (value: number) => Node): Node {
    if (isTerminal(node)) return replacement(valueIn(node));
    const { values, deepest: lowest } = this.valuesOf(node);
    const chosen = new Map(values.map((value) => [value, replacement(value)]));
    const [first, ...others] = new Set(chosen.values());
    if (others.length === 0) return first as Node;
    const isBelow = [...chosen.values()].every((one) => this.diagrams.levelOf(one) > lowest);
    if (!isBelow && others.length < fewReplacements) return this.#fold(node, chosen);
    this.diagrams.beginWalk();
    return this.#compose(node, chosen);
  }

  #compose(node: Node, chosen: ReadonlyMap<number, Node>): Node {
    if (isTerminal(node)) return chosen.get(valueIn(node)) as Node;
    const { diagrams } = this;
    if (diagrams.isRemembered(node)) return diagrams.recall(node);
    const low = this.#compose(diagrams.lowOf(node), chosen);
    const high = this.#compose(diagrams.highOf(node), chosen);
    const level = diagrams.levelOf(node);
    const isBelow = diagrams.levelOf(low) > level && diagrams.levelOf(high) > level;
    return diagrams.remember(
      node,
      isBelow
        ? diagrams.node(level, low, high)
        : this.choose(diagrams.node(level, nothing, everything), high, low),
    );
  }

  /** For diagrams that test bits before those which choose among them: one whole diagram after the other. */
  #fold(node: Node, chosen: ReadonlyMap<number, Node>): Node {
    const byNode = new Map<Node, Set<number>>();
    for (const [value, one] of chosen) byNode.set(one, (byNode.get(one) ?? new Set()).add(value));
    let result: Node | undefined;
    for (const [one, values] of byNode)
      result =
        result === undefined
          ? one
          : this.choose(
              this.mapValues(node, (value) => (values.has(value) ? 1 : 0)),
              one,
              result,
            );
    return result as Node;
  }
}

const fewReplacements = 64;
