/**
 * From lookups to diagrams of outcomes, place by place from the last table on. Where a place has been seen to before,
 * only the packets are looked at again of which something behind has changed; that is what makes a proof after a change
 * of one flow so much cheaper than the first one.
 */

import { everything, type Node, nothing, terminalOf } from "./diagram.js";
import type { Operations } from "./operations.js";
import { dropped } from "./outcome.js";
import type { Block, Link, Made, Next, WalkedPlace } from "./walked-place.js";

/** Reads a place for `PlaceNodes`. */
export interface PlaceReader {
  readonly operations: Operations;
  /** Which choice takes which packets; values that no flow of a table has are `outside`. */
  readonly choicesAt: (place: WalkedPlace) => Node;
  readonly outside: Node;
  /** What a choice leads to. */
  readonly follow: (choice: number, place: WalkedPlace) => Next;
}

const drop = terminalOf(dropped);

/** A set of a stride or a cube has few nodes; larger ones would be looked through for each place of a row. */
const thin = 300;
/** Of a few hundred places in a row, one in each block and each block is made again. */
const longestBlock = 16;
/** So many choices among the changed packets: then the whole place is made anew. */
const fewChoices = 64;

export class PlaceNodes {
  readonly #reader: PlaceReader;
  /** The places entered on behalf of the one that is being made. */
  #entered: WalkedPlace[] = [];

  constructor(reader: PlaceReader) {
    this.#reader = reader;
  }

  /** To be told of each place that packets go on to. */
  enters(place: WalkedPlace): void {
    this.#entered.push(place);
  }

  nodeOf(next: Next): Node {
    if (typeof next === "number") return next;
    if (next.node !== undefined && !next.isNodeStale) return next.node;
    const link = this.#rowOf(next);
    next.isNodeStale = false;
    next.node = link === undefined ? this.#branched(next) : this.#linked(next, link);
    return next.node;
  }

  #blockOf(from: WalkedPlace): Block | undefined {
    if (!from.isBlockStale) return from.block;
    from.isBlockStale = false;
    const choice = this.#reader.choicesAt(from);
    if (from.stepChoice !== choice) {
      from.stepChoice = choice;
      from.step = this.#stepOf(from, choice);
    }
    const { step, block } = from;
    const next = step === undefined ? undefined : this.#blockOf(step.end);
    if (step === undefined || block?.step !== step || block.next !== next)
      from.block = step && this.#joined(step, next);
    return from.block;
  }

  #joined(step: Link, next: Block | undefined): Block {
    const length = (next?.length ?? 0) + 1;
    if (next === undefined || next.length % longestBlock === 0)
      return { ...step, length, step, next };
    const guard = this.#reader.operations.and(step.guard, next.guard);
    return { guard, end: next.end, length, step, next };
  }

  /** All blocks from here on. */
  #rowOf(from: WalkedPlace): Link | undefined {
    const blocks: Block[] = [];
    for (let at = this.#blockOf(from); at !== undefined; at = this.#blockOf(at.end))
      blocks.push(at);
    const end = blocks.at(-1)?.end;
    if (end === undefined) return undefined;
    const { operations } = this.#reader;
    return {
      guard: blocks.reduceRight((all, { guard }) => operations.and(guard, all), everything),
      end,
    };
  }

  /** Where packets that are not dropped all go to one other place. */
  #stepOf(from: WalkedPlace, choice: Node): Link | undefined {
    const { operations } = this.#reader;
    if (!operations.hasAtMost(choice, thin)) return undefined;
    const passing = new Set<number>();
    let end: WalkedPlace | undefined;
    const isRow = operations.valuesOf(choice).values.every((value) => {
      const { next } = this.#follow(value, from);
      if (next === drop) return true;
      if (typeof next === "number" || (end !== undefined && next !== end)) return false;
      end = next;
      passing.add(value);
      return true;
    });
    if (!isRow || end === undefined) return undefined;
    return { guard: operations.mapValues(choice, (value) => (passing.has(value) ? 1 : 0)), end };
  }

  #linked(place: WalkedPlace, link: Link): Node {
    const { operations } = this.#reader;
    const { made, node } = place;
    const endNode = this.nodeOf(link.end);
    place.made = { of: "link", link, endNode };
    if (node === undefined || made?.of !== "link" || made.link.end !== link.end)
      return operations.choose(link.guard, endNode, drop);
    if (made.link.guard === link.guard && made.endNode === endNode) return node;
    const changed = operations.or(
      operations.differ(made.link.guard, link.guard),
      operations.and(link.guard, operations.differ(made.endNode, endNode)),
    );
    const gone = operations.choose(operations.without(changed, link.guard), drop, node);
    return operations.choose(operations.and(changed, link.guard), endNode, gone);
  }

  #branched(place: WalkedPlace): Node {
    const { operations, outside } = this.#reader;
    const { made, node } = place;
    const choice = this.#reader.choicesAt(place);
    if (node === undefined || made?.of !== "branches") return this.#whole(place, choice);
    let changed = operations.differ(made.choice, choice);
    for (const [after, before] of made.after)
      changed = operations.or(changed, operations.differ(before, this.nodeOf(after)));
    if (changed === nothing) return this.#keep(place, choice, made.after, node);
    const few = operations.choose(changed, choice, outside);
    const { values } = operations.valuesOf(few);
    if (values.length > fewChoices) return this.#whole(place, choice);
    const after = new Map<WalkedPlace, Node>();
    let result = node;
    for (const value of values) {
      if (terminalOf(value) === outside) continue;
      const { next, entered } = this.#follow(value, place);
      const to = this.nodeOf(next);
      for (const one of entered) after.set(one, this.nodeOf(one));
      const isSame = entered.every((one) => made.after.get(one) === this.nodeOf(one));
      // what it leads to is what it led to, and the same packets go there
      if (isSame && choice === made.choice) continue;
      result = operations.choose(operations.whereValue(few, value), to, result);
    }
    for (const one of made.after.keys()) after.set(one, this.nodeOf(one));
    return this.#keep(place, choice, after, result);
  }

  #whole(place: WalkedPlace, choice: Node): Node {
    const after = new Map<WalkedPlace, Node>();
    const node = this.#reader.operations.compose(choice, (value) => {
      const { next, entered } = this.#follow(value, place);
      for (const one of entered) after.set(one, this.nodeOf(one));
      return this.nodeOf(next);
    });
    return this.#keep(place, choice, after, node);
  }

  #keep(place: WalkedPlace, choice: Node, after: Map<WalkedPlace, Node>, node: Node): Node {
    const kept: Made = { of: "branches", choice, after };
    place.made = kept;
    return node;
  }

  /** What a choice leads to, and by which places: this one depends on them from now on. */
  #follow(choice: number, place: WalkedPlace): { next: Next; entered: readonly WalkedPlace[] } {
    const before = this.#entered;
    const entered: WalkedPlace[] = [];
    this.#entered = entered;
    const next = this.#reader.follow(choice, place);
    this.#entered = before;
    for (const one of entered) one.before.add(place);
    return { next, entered };
  }
}
