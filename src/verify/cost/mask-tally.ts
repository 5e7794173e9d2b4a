/** Megaflows counted by mask. */

import { type Words, wordCount } from "../../datapath/unwildcard/flow-words.js";

export class MaskTally {
  readonly #byMask = new Map<string, { readonly mask: Words; megaflows: number }>();

  get masks(): number {
    return this.#byMask.size;
  }

  get megaflows(): number {
    let sum = 0;
    for (const one of this.#byMask.values()) sum += one.megaflows;
    return sum;
  }

  add(mask: Words, megaflows: number): void {
    const key = mask.join();
    const known = this.#byMask.get(key);
    if (known === undefined) this.#byMask.set(key, { mask, megaflows });
    else known.megaflows += megaflows;
  }

  /** All of another's, each with more bits looked at, and so many times as often. */
  addAll(other: MaskTally, more: Words, times: number): void {
    for (const { mask, megaflows } of other.#byMask.values()) {
      const both = mask.slice();
      for (let word = 0; word < wordCount; word++)
        both[word] = (both[word] as number) | (more[word] as number);
      this.add(both, megaflows * times);
    }
  }
}
