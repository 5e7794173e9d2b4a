/** Megaflows counted by mask. */

import { readField } from "../../datapath/unwildcard/flow-words.js";
import { type FieldName, fieldOf } from "../../openflow/field.js";
import { type ClassWords, noWords } from "./class-words.js";
import type { MaskTable } from "./mask-table.js";
import type { Count } from "./value-count.js";

export class MaskTally {
  readonly #table: MaskTable;
  /** By the mask's number. */
  readonly #megaflows = new Map<number, number>();
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
    return this.#megaflows.size;
  }

  get megaflows(): number {
    let sum = 0;
    for (const megaflows of this.#megaflows.values()) sum += megaflows;
    return sum;
  }

  /** Whether some mask has all of that field. */
  shows(field: FieldName): boolean {
    const { full } = fieldOf(field);
    for (const number of this.#megaflows.keys())
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
    for (const [number, megaflows] of other.#megaflows)
      this.#add(this.#table.numberOf(this.#table.maskOf(number), more), megaflows * times);
  }

  /** Each of the one with each of the other. */
  addProduct(one: MaskTally, other: MaskTally): void {
    const { isExact } = one;
    for (const [number, values] of one.#megaflows)
      this.addAll(other, this.#table.maskOf(number), { values, isExact });
  }

  #add(number: number, megaflows: number): void {
    this.#megaflows.set(number, (this.#megaflows.get(number) ?? 0) + megaflows);
  }
}

const nothing = noWords();
