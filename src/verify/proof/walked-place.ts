/**
 * A place where packets can stand, and what was found of it. Most tables take one stride of a field and drop the rest:
 * places in a row of which each leads to one other are one set and one step, so that neither a proof nor the next one
 * goes through them table by table.
 */

import type { Node } from "./diagram.js";
import type { Place } from "./place.js";
import type { Arriving } from "./table-lookup.js";

/** What a table does with packets that come to it so: places that differ in what it does not look at share this. */
export interface KnownLookup {
  readonly arriving: Arriving;
  /** Which choice takes which packets. */
  node: Node;
  readonly users: Set<WalkedPlace>;
}

/** Packets in `guard` are treated as at the place `end`, all others are dropped. */
export interface Link {
  readonly guard: Node;
  readonly end: WalkedPlace;
}

/** Places in a row up to one where blocks meet: a change makes one block anew, and not all that stand before it. */
export interface Block extends Link {
  /** How many places the row has from here on. */
  readonly length: number;
  readonly step: Link;
  readonly next: Block | undefined;
}

/** How the node of a place was made where ways part: what has changed since need only be made again. */
export interface Branches {
  readonly choice: Node;
  readonly ways: ReadonlyMap<number, Way>;
}

/** What a choice leads to, and by which places. */
export interface Way {
  readonly next: Next;
  readonly entered: readonly WalkedPlace[];
  /** As they were then: of `next`, and of those entered. */
  readonly node: Node;
  readonly enteredNodes: readonly Node[];
  /** The packets of that choice, once somebody had to know. */
  readonly takers?: Node | undefined;
}

export class WalkedPlace {
  readonly place: Place;
  /** None where there is no such table. */
  lookup: KnownLookup | undefined;
  /** The places whose packets come here. */
  readonly before = new Set<WalkedPlace>();
  /** The only place that packets go on to, and which do; as of `stepChoice`. */
  step: Link | undefined;
  stepChoice: Node | undefined;
  block: Block | undefined;
  node: Node | undefined;
  /** Of `node`; none in a row. */
  branches: Branches | undefined;
  isBlockStale = true;
  isNodeStale = true;

  constructor(place: Place) {
    this.place = place;
  }

  /** What was found here, and in all places before, may not be so any more. */
  outdate(): void {
    if (this.isBlockStale && this.isNodeStale) return;
    this.isBlockStale = true;
    this.isNodeStale = true;
    for (const one of this.before) one.outdate();
  }
}

/** What a list of actions leads to: all packets are treated as at a place, or as the diagram says. */
export type Next = WalkedPlace | Node;
