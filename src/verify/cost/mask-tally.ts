/** Megaflows counted by mask. */

import { readField, type Words, wordCount } from "../../datapath/unwildcard/flow-words.js";
import { mix } from "../../datapath/unwildcard/subtable.js";
import { type FieldName, fieldOf } from "../../openflow/field.js";
import type { Count } from "./value-count.js";

interface Counted {
  readonly mask: Words;
  megaflows: number;
}

export class MaskTally {
  readonly #byHash = new Map<number, Counted[]>();
  readonly #all: Counted[] = [];
  #isExact = true;

  /** Else there may be fewer: some were counted twice, or cannot be. */
  get isExact(): boolean {
    return this.#isExact;
  }

  get masks(): number {
    return this.#all.length;
  }

  get megaflows(): number {
    let sum = 0;
    for (const one of this.#all) sum += one.megaflows;
    return sum;
  }

  /** Whether some mask has all of that field. */
  shows(field: FieldName): boolean {
    const { full } = fieldOf(field);
    return this.#all.some(({ mask }) => readField(mask, field) === full);
  }

  add(mask: Words, { values: megaflows, isExact }: Count): void {
    if (!isExact) this.#isExact = false;
    const hash = hashOf(mask);
    const alike = this.#byHash.get(hash);
    const known = alike?.find((one) => isEqual(one.mask, mask));
    if (known !== undefined) {
      known.megaflows += megaflows;
      return;
    }
    const counted = { mask, megaflows };
    this.#all.push(counted);
    if (alike === undefined) this.#byHash.set(hash, [counted]);
    else alike.push(counted);
  }

  /** All of another's, each with more bits looked at, and so many times as often. */
  addAll(other: MaskTally, more: Words, { values: times, isExact: isSure }: Count): void {
    const isExact = isSure && other.isExact;
    for (const { mask, megaflows } of other.#all)
      this.add(union(mask, more), { values: megaflows * times, isExact });
  }

  /** Each of the one with each of the other. */
  addProduct(one: MaskTally, other: MaskTally): void {
    const { isExact } = one;
    for (const { mask, megaflows } of one.#all)
      this.addAll(other, mask, { values: megaflows, isExact });
  }
}

function union(one: Words, other: Words): Words {
  const both = one.slice();
  for (let word = 0; word < wordCount; word++)
    both[word] = (both[word] as number) | (other[word] as number);
  return both;
}

function hashOf(mask: Words): number {
  let hash = 0;
  for (let word = 0; word < wordCount; word++)
    if (mask[word] !== 0) hash = mix(hash, (mask[word] as number) ^ word);
  return hash;
}

function isEqual(one: Words, other: Words): boolean {
  for (let word = 0; word < wordCount; word++) if (one[word] !== other[word]) return false;
  return true;
}
