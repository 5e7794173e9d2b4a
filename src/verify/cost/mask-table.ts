/** Masks by number, each once: a walk joins the same few thousand masks millions of times. */

import { wordCount } from "../../datapath/unwildcard/flow-words.js";
import { mix } from "../../datapath/unwildcard/subtable.js";
import { type ClassWords, noWords } from "./class-words.js";

export class MaskTable {
  readonly #masks: ClassWords[] = [];
  readonly #byHash = new Map<number, number[]>();
  /** Of the union that is asked for: only one that is new is kept. */
  readonly #union = noWords();

  maskOf(number: number): Readonly<ClassWords> {
    return this.#masks[number] as ClassWords;
  }

  /** Of all bits of the one and of the other. */
  numberOf(one: Readonly<ClassWords>, other: Readonly<ClassWords>): number {
    const union = this.#union;
    let hash = 0;
    for (let word = 0; word < wordCount; word++) {
      const bits = (one[word] as number) | (other[word] as number);
      union[word] = bits;
      if (bits !== 0) hash = mix(hash, bits ^ word);
    }
    const alike = this.#byHash.get(hash);
    if (alike !== undefined)
      for (const number of alike)
        if (this.#isUnion(this.#masks[number] as ClassWords)) return number;
    const number = this.#masks.push(union.slice()) - 1;
    if (alike === undefined) this.#byHash.set(hash, [number]);
    else alike.push(number);
    return number;
  }

  #isUnion(mask: ClassWords): boolean {
    for (let word = 0; word < wordCount; word++) if (mask[word] !== this.#union[word]) return false;
    return true;
  }
}
