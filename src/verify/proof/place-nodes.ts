/**
 * From lookups to diagrams of outcomes, place by place from the last table on. Where a place has been seen to before,
 * only the packets are looked at again of which something behind has changed; that is what makes a proof after a change
 * of one flow so much cheaper than the first one.
 */

import { type Node, terminalOf } from "./diagram.js";
import type { Operations } from "./operations.js";
import { dropped } from "./outcome.js";
import { hasAtMost } from "./survey.js";
import type { Block, Link, Next, WalkedPlace, Way } from "./walked-place.js";

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
/** So many choices at a place: then it is made anew as a whole. */
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
    const inRow = this.#alongRow(next);
    next.isNodeStale = false;
    if (inRow !== undefined) next.branches = undefined;
    next.node = inRow ?? this.#branched(next);
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

  /**
   * What becomes of packets at the end of the row, for those that come so far. From the end on: where a change makes no
   * difference to what is treated behind it, nothing before it is looked at again.
   */
  #alongRow(from: WalkedPlace): Node | undefined {
    const blocks: Block[] = [];
    for (let at = this.#blockOf(from); at !== undefined; at = this.#blockOf(at.end))
      blocks.push(at);
    const end = blocks.at(-1)?.end;
    if (end === undefined) return undefined;
    const { operations } = this.#reader;
    return blocks.reduceRight(
      (node, { guard }) => operations.choose(guard, node, drop),
      this.nodeOf(end),
    );
  }

  /** Where packets that are not dropped all go to one other place. */
  #stepOf(from: WalkedPlace, choice: Node): Link | undefined {
    const { operations } = this.#reader;
    if (!hasAtMost(operations.diagrams, choice, thin)) return undefined;
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
    const [first, ...others] = passing;
    const guard =
      others.length === 0
        ? operations.whereValue(choice, first as number)
        : operations.mapValues(choice, (value) => (passing.has(value) ? 1 : 0));
    return { guard, end };
  }

  #branched(place: WalkedPlace): Node {
    const { operations, outside } = this.#reader;
    const { branches: made, node } = place;
    const choice = this.#reader.choicesAt(place);
    if (node === undefined || made === undefined || made.ways.size > fewChoices)
      return this.#whole(place, choice);
    const isSame = choice === made.choice;
    const values = isSame ? made.ways.keys() : operations.valuesOf(choice).values;
    const others = isSame
      ? outside
      : operations.choose(operations.differ(made.choice, choice), choice, outside);
    const othersValues = new Set(operations.valuesOf(others).values);
    const ways = new Map<number, Way>();
    let result = node;
    for (const value of values) {
      const before = made.ways.get(value);
      const way = this.#wayOf(value, place, before);
      let takers = isSame ? before?.takers : undefined;
      if (way.node !== before?.node) {
        takers ??= operations.whereValue(choice, value);
        result = operations.choose(takers, way.node, result);
      } else if (othersValues.has(value))
        // it leads to the same as before: only packets that did not go there
        result = operations.choose(operations.whereValue(others, value), way.node, result);
      ways.set(value, { ...way, takers });
    }
    place.branches = { choice, ways };
    return result;
  }

  #whole(place: WalkedPlace, choice: Node): Node {
    const ways = new Map<number, Way>();
    const node = this.#reader.operations.compose(choice, (value) => {
      const way = this.#wayOf(value, place);
      ways.set(value, way);
      return way.node;
    });
    place.branches = { choice, ways };
    return node;
  }

  #wayOf(choice: number, place: WalkedPlace, before?: Way): Way {
    const isKnown =
      before !== undefined &&
      (typeof before.next !== "number" ||
        before.entered.every((one, at) => this.nodeOf(one) === before.enteredNodes[at]));
    const { next, entered } = isKnown ? before : this.#follow(choice, place);
    const node = this.nodeOf(next);
    const enteredNodes = entered.map((one) => this.nodeOf(one));
    return { next, entered, node, enteredNodes };
  }

  /** What a choice leads to, and by which places: this one depends on them from now on. */
  #follow(choice: number, place: WalkedPlace): Pick<Way, "next" | "entered"> {
    const before = this.#entered;
    const entered: WalkedPlace[] = [];
    this.#entered = entered;
    const next = this.#reader.follow(choice, place);
    this.#entered = before;
    for (const one of entered) one.before.add(place);
    return { next, entered };
  }
}
