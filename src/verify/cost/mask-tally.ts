/** Megaflows counted by mask. */

import { readField } from "../../datapath/unwildcard/flow-words.js";
import { type FieldName, fieldOf } from "../../openflow/field.js";
import { type ClassWords, noWords } from "./class-words.js";
import type { MaskTable } from "./mask-table.js";
import type { Count } from "./value-count.js";

/** Past so many, a tally finds a mask by a map: most have a few only, and a map for each is what a walk would wait for. */
const fewMasks = 32;

export class MaskTally {
  readonly #table: MaskTable;
  /** Of the masks, each once, and how many megaflows have it. */
  readonly #numbers: number[] = [];
  readonly #megaflows: number[] = [];
  /** By the mask's number, once there are many. */
  #places: Map<number, number> | undefined;
  #isExact = true;

  /** Tallies that are joined must have one table. */
  constructor(table: MaskTable) {
    this.#table = table;
  }

  /** Else there may be fewer: some were counted twice, or cannot be. */
  get isExact(): boolean {
    return this.#isExact;
  }

  get masks(): number {
    return this.#numbers.length;
  }

  get megaflows(): number {
    return this.#megaflows.reduce((sum, megaflows) => sum + megaflows, 0);
  }

  /** Whether some mask has all of that field. */
  shows(field: FieldName): boolean {
    const { full } = fieldOf(field);
    for (const number of this.#numbers)
      if (readField(this.#table.maskOf(number), field) === full) return true;
    return false;
  }

  add(mask: Readonly<ClassWords>, { values, isExact }: Count): void {
    this.#add(this.#table.numberOf(mask, nothing), values);
    if (!isExact) this.#isExact = false;
  }

  /** All of another's, each with more bits looked at, and so many times as often. */
  addAll(other: MaskTally, more: Readonly<ClassWords>, { values: times, isExact }: Count): void {
    if (other.masks > 0 && !(isExact && other.isExact)) this.#isExact = false;
    for (let at = 0; at < other.#numbers.length; at++)
      this.#add(
        this.#table.numberOf(this.#table.maskOf(other.#numbers[at] as number), more),
        (other.#megaflows[at] as number) * times,
      );
  }

  /** Each of the one with each of the other. */
  addProduct(one: MaskTally, other: MaskTally): void {
    const { isExact } = one;
    for (let at = 0; at < one.#numbers.length; at++) {
      const values = one.#megaflows[at] as number;
      this.addAll(other, this.#table.maskOf(one.#numbers[at] as number), { values, isExact });
    }
  }

  #add(number: number, megaflows: number): void {
    const at = this.#placeOf(number);
    if (at !== undefined) {
      this.#megaflows[at] = (this.#megaflows[at] as number) + megaflows;
      return;
    }
    const last = this.#numbers.push(number) - 1;
    this.#megaflows.push(megaflows);
    if (last === fewMasks)
      this.#places = new Map(this.#numbers.map((each, place) => [each, place]));
    else this.#places?.set(number, last);
  }

  #placeOf(number: number): number | undefined {
    if (this.#places !== undefined) return this.#places.get(number);
    const at = this.#numbers.indexOf(number);
    return at === -1 ? undefined : at;
  }
}

const nothing = noWords();
