/** What there is to remember of a walk through the tables, so that the next packet's may begin in its middle. */

import { type Words, wordCount } from "./flow-words.js";

/** A walk as it was before a table. */
export interface WalkState {
  table: number;
  readonly looked: Words;
  readonly now: Words;
  /** Bits of `now` that actions wrote. */
  readonly written: Words;
  steps: number;
  outputs: number;
  slow: boolean;
  tied: boolean;
}

export function newState(): WalkState {
  const [looked, now, written] = [0, 0, 0].map(() => new Int32Array(wordCount)) as [
    Words,
    Words,
    Words,
  ];
  return { table: 0, looked, now, written, steps: 0, outputs: 0, slow: false, tied: false };
}
