/** One subtable of a lookup: the rule that a packet matches there, and the bits that it took to tell. */

import type { Classifier, Trie } from "./classifier.js";
import { type Words, wordCount, wordOf } from "./flow-words.js";
import { fold, foldPrefix, hasPrefix, prefixOnes } from "./looked-bits.js";
import type { PrefixTrie } from "./prefix-trie.js";
import { firstHash, mix, type Rule, type Stage, type Subtable } from "./subtable.js";

export interface TrieAnswer {
  /** Undefined: the field is not the packet's, so the trie excludes nothing. */
  readonly lengths: Uint8Array | undefined;
  readonly bits: number;
}

/** `conjunction` is the packet's `conj_id`: 0 until a conjunctive match is met. */
export function findIn(
  classifier: Classifier,
  subtable: Subtable,
  packet: Words,
  conjunction: bigint,
  looked: Words,
  tries: (TrieAnswer | undefined)[],
): Rule | undefined {
  const { stages, mask } = subtable;
  const last = stages.length - 1;
  let hash = firstHash(subtable, conjunction);
  for (let at = 0; ; at++) {
    const stage = stages[at] as Stage;
    if (isExcluded(classifier, subtable, stage, packet, looked, tries)) {
      fold(subtable, at, looked);
      return undefined;
    }
    for (const word of stage.words)
      hash = mix(hash, (packet[word] as number) & (mask[word] as number));
    const found = stage.index
      .get(hash)
      ?.find((rule) => agrees(subtable, at, rule, packet, conjunction));
    if (at < last) {
      if (found !== undefined) continue;
      fold(subtable, at + 1, looked);
      return undefined;
    }
    if (found === undefined && subtable.ports !== undefined) {
      missPorts(subtable, subtable.ports, packet, looked);
      return undefined;
    }
    fold(subtable, at + 1, looked);
    return found === undefined ? undefined : highest(stage.index.get(hash) as Rule[], found);
  }
}

/** The one OVS keeps at the head of rules with the same match. */
function highest(alike: readonly Rule[], found: Rule): Rule {
  let best = found;
  for (const rule of alike)
    if (rule.priority > best.priority && isSameMatch(rule, best)) best = rule;
  return best;
}

/** The next one below it: OVS comes to it where a conjunctive match at the head comes to nothing. */
export function nextLower({ rules }: Subtable, above: Rule): Rule | undefined {
  let best: Rule | undefined;
  for (const rule of rules)
    if (rule.priority < above.priority && isSameMatch(rule, above))
      if (best === undefined || rule.priority > best.priority) best = rule;
  return best;
}

function isSameMatch(one: Rule, other: Rule): boolean {
  return (
    one.conjunction === other.conjunction && one.words.every((word, at) => word === other.words[at])
  );
}

function agrees(
  { stages, mask, isConjunction }: Subtable,
  upTo: number,
  rule: Rule,
  packet: Words,
  conjunction: bigint,
): boolean {
  if (isConjunction && rule.conjunction !== conjunction) return false;
  for (let at = 0; at <= upTo; at++)
    for (const word of (stages[at] as Stage).words)
      if (((packet[word] as number) & (mask[word] as number)) !== rule.words[word]) return false;
  return true;
}

/** Whether a prefix trie proves that no rule of the subtable matches (check_tries()). */
function isExcluded(
  { tries }: Classifier,
  { prefixLengths }: Subtable,
  stage: Stage,
  packet: Words,
  looked: Words,
  answers: (TrieAnswer | undefined)[],
): boolean {
  for (let at = 0; at < tries.length; at++) {
    const length = prefixLengths[at] as number;
    const trie = tries[at] as Trie;
    if (length === 0 || !stage.words.includes(trie.word)) continue;
    const answer = answers[at] ?? ask(trie, packet);
    answers[at] = answer;
    if (answer.lengths === undefined || answer.lengths[length] === 1) continue;
    // never more bits than the subtable itself would look at
    if (answer.bits <= length) {
      foldPrefix(looked, trie.word, answer.bits);
      return true;
    }
    if (hasPrefix(looked, trie.word, answer.bits)) return true;
  }
  return false;
}

function ask({ root, word, width, etherType }: Trie, packet: Words): TrieAnswer {
  if (packet[wordOf.etherType] !== etherType) return { lengths: undefined, bits: 0 };
  const lengths = new Uint8Array(width + 1);
  return { lengths, bits: root.lookUp(packet, word, width, lengths) };
}

/** The packet is in no rule of the last stage: of the ports, the bits that prove it are enough. */
function missPorts(subtable: Subtable, trie: PrefixTrie, packet: Words, looked: Words): void {
  const mask = subtable.mask[wordOf.ports] as number;
  const masked = new Int32Array(wordCount);
  masked[wordOf.ports] = (packet[wordOf.ports] as number) & mask;
  const bits = trie.lookUp(masked, wordOf.ports, 32, new Uint8Array(33));
  const before = looked[wordOf.ports] as number;
  fold(subtable, subtable.stages.length, looked);
  looked[wordOf.ports] = before | (mask & prefixOnes(bits));
}
