/** What of a class of packets is done before a table, and what is left of it: classes alike from there on are one. */

import { wordOf } from "../../datapath/unwildcard/flow-words.js";
import type { BitsBehind } from "./bits-behind.js";
import { type ClassWords, noWords } from "./class-words.js";
import type { Exclusion, PacketClass } from "./packet-class.js";

import { type Count, valuesOf } from "./value-count.js";

const trieWords: ReadonlySet<number> = new Set(
  Array.from({ length: wordOf.internet - wordOf.ipv4Source }, (_, at) => wordOf.ipv4Source + at),
);

export interface Settled {
  readonly rest: PacketClass;
  readonly done: ClassWords;
  readonly times: Count;
}

/** Parts the class: what no table from here on looks at is done, and counted. */
export function settle(
  from: PacketClass,
  { matched, touched, words: behind }: BitsBehind,
): Settled {
  const done = from.looked.slice();
  const looked = noWords();
  const only = (words: ClassWords, mask: ClassWords) => {
    const kept = noWords();
    for (const word of behind) kept[word] = (words[word] as number) & (mask[word] as number);
    return kept;
  };
  for (const word of behind) {
    const seen = done[word] as number;
    // that a bit with one value was looked at tells nobody anything, but tries, which look further where more was seen
    const told = trieWords.has(word) ? 0 : (from.fixed[word] as number);
    looked[word] = seen & (touched[word] as number) & ~told;
    done[word] = seen & ~(looked[word] as number);
  }
  const isDone = ({ words, masks }: Exclusion) =>
    words.every((word, at) => ((masks[at] as number) & (touched[word] as number)) === 0);
  const isLeft = ({ words, masks }: Exclusion) =>
    words.every((word, at) => ((masks[at] as number) & ~(touched[word] as number)) === 0);
  const known = only(from.known, matched);
  const settled = from.exclusions.filter(isDone);
  const open = from.exclusions.filter(isLeft);
  const { values, isExact } = valuesOf(done, from.fixed, settled);
  // one that is done in part is not counted at all
  const isWhole = settled.length + open.length === from.exclusions.length;
  return {
    rest: {
      known,
      value: only(from.value, known),
      looked,
      fixed: only(from.fixed, touched),
      written: only(from.written, touched),
      exclusions: open,
      isRough: false,
    },
    done,
    times: { values, isExact: isExact && isWhole && !from.isRough },
  };
}
