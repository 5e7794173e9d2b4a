/** Megaflows counted by mask. */

import { readField, type Words, wordCount } from "../../datapath/unwildcard/flow-words.js";
import { type FieldName, fieldOf } from "../../openflow/field.js";
import type { Count } from "./value-count.js";

export class MaskTally {
  readonly #byMask = new Map<string, { readonly mask: Words; megaflows: number }>();

  #isExact = true;

  /** Else there may be fewer: some were counted twice, or cannot be. */
  get isExact(): boolean {
    return this.#isExact;
  }

  get masks(): number {
    return this.#byMask.size;
  }

  get megaflows(): number {
    let sum = 0;
    for (const one of this.#byMask.values()) sum += one.megaflows;
    return sum;
  }

  /** Whether some mask has all of that field. */
  shows(field: FieldName): boolean {
    const { full } = fieldOf(field);
    for (const { mask } of this.#byMask.values()) if (readField(mask, field) === full) return true;
    return false;
  }

  add(mask: Words, { values: megaflows, isExact }: Count): void {
    if (!isExact) this.#isExact = false;
    const key = mask.join();
    const known = this.#byMask.get(key);
    if (known === undefined) this.#byMask.set(key, { mask, megaflows });
    else known.megaflows += megaflows;
  }

  /** All of another's, each with more bits looked at, and so many times as often. */
  addAll(other: MaskTally, more: Words, { values: times, isExact: isSure }: Count): void {
    const isExact = isSure && other.isExact;
    for (const { mask, megaflows } of other.#byMask.values()) {
      const both = mask.slice();
      for (let word = 0; word < wordCount; word++)
        both[word] = (both[word] as number) | (more[word] as number);
      this.add(both, { values: megaflows * times, isExact });
    }
  }
}
