/**
 * Words of a class of packets, as in datapath/unwildcard/flow-words.ts. Plain arrays: a walk copies them all the time, and
 * V8 keeps a typed array of more than 64 bytes outside its heap, which takes several times as long to make and to free.
 */

import { wordCount } from "../../datapath/unwildcard/flow-words.js";

/** 32-bit integers, `wordCount` of them. */
export type ClassWords = number[];

const none: Readonly<ClassWords> = Array.from({ length: wordCount }, () => 0);

export function noWords(): ClassWords {
  return none.slice();
}
