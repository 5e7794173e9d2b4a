/** Megaflows found so far, as a datapath holds them: a hash table for each mask. */

import { type Words, wordCount } from "../../datapath/unwildcard/flow-words.js";
import { mix } from "../../datapath/unwildcard/subtable.js";

export interface FoundMegaflow {
  readonly mask: MaskClass;
  /** Zero outside the mask. */
  readonly value: Words;
  /** A packet that makes it. */
  readonly example: Words;
  /** Sent from user space, so never in hardware. */
  readonly slow: boolean;
  /** What made it: rules of the policy, or a duty. */
  readonly causes: Set<string>;
}

export interface MaskClass {
  readonly mask: Words;
  /** Words that it looks at. */
  readonly words: readonly number[];
  readonly byHash: Map<number, FoundMegaflow[]>;
}

export class MegaflowSet {
  readonly #classes = new Map<number, MaskClass[]>();
  readonly #masks: MaskClass[] = [];
  readonly #all: FoundMegaflow[] = [];

  get all(): readonly FoundMegaflow[] {
    return this.#all;
  }

  get masks(): number {
    return this.#masks.length;
  }

  /** The megaflow that every packet of the box hits; one that looks at a free bit is not it. */
  find(packet: Words, free: Words): FoundMegaflow | undefined {
    for (const one of this.#masks) {
      if (one.words.some((word) => ((one.mask[word] as number) & (free[word] as number)) !== 0))
        continue;
      const found = lookUp(one, packet);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  add(packet: Words, looked: Words, slow: boolean): FoundMegaflow {
    const one = this.#classOf(looked);
    const known = lookUp(one, packet);
    if (known !== undefined) return known;
    const value = new Int32Array(wordCount);
    for (const word of one.words)
      value[word] = (packet[word] as number) & (one.mask[word] as number);
    const megaflow: FoundMegaflow = {
      mask: one,
      value,
      example: packet.slice(),
      slow,
      causes: new Set(),
    };
    const hash = hashOf(one, packet);
    const same = one.byHash.get(hash);
    if (same === undefined) one.byHash.set(hash, [megaflow]);
    else same.push(megaflow);
    this.#all.push(megaflow);
    return megaflow;
  }

  #classOf(looked: Words): MaskClass {
    let hash = 0;
    for (let word = 0; word < wordCount; word++) hash = mix(hash, looked[word] as number);
    const alike = this.#classes.get(hash) ?? [];
    const known = alike.find(({ mask }) => mask.every((bits, word) => bits === looked[word]));
    if (known !== undefined) return known;
    const words = [...looked.keys()].filter((word) => looked[word] !== 0);
    const one: MaskClass = { mask: looked.slice(), words, byHash: new Map() };
    this.#classes.set(hash, [...alike, one]);
    this.#masks.push(one);
    return one;
  }
}

function lookUp(one: MaskClass, packet: Words): FoundMegaflow | undefined {
  return one.byHash
    .get(hashOf(one, packet))
    ?.find(({ value }) =>
      one.words.every(
        (word) => ((packet[word] as number) & (one.mask[word] as number)) === value[word],
      ),
    );
}

function hashOf({ mask, words }: MaskClass, packet: Words): number {
  let hash = 0;
  for (const word of words) hash = mix(hash, (packet[word] as number) & (mask[word] as number));
  return hash;
}
