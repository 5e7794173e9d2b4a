/** The flows of one table that match the same bits: what OVS calls a subtable. */

import type { Flow } from "../../openflow/flow.js";
import { stageOf, type Words, wordCount, wordOf } from "./flow-words.js";
import { PrefixTrie } from "./prefix-trie.js";

export interface Rule {
  readonly flow: Flow;
  readonly priority: number;
  /** Zero outside the subtable's mask. */
  readonly words: Words;
  /** The `conj_id` that it matches, if any. */
  readonly conjunction: bigint | undefined;
  /** A dimension of a conjunctive match: no answer by itself. */
  readonly isSoft: boolean;
  /** Of all flows of its table, in the order they came. */
  readonly index: number;
}

/** Stages without bits of the mask are none; the last one finds the rule, those before it only whether one may match. */
export interface Stage {
  readonly number: number;
  /** Words that the mask has in it. */
  readonly words: readonly number[];
  /** By hash of all words up to here: one rule for each different value. */
  readonly index: Map<number, Rule[]>;
}

export interface Subtable {
  readonly mask: Words;
  /** Whether its rules match `conj_id`, which is in no word: it stands in the first stage, as registers do. */
  readonly isConjunction: boolean;
  readonly stages: readonly Stage[];
  /** All words of the mask, as the stages have them. */
  readonly masked: readonly number[];
  readonly rules: Rule[];
  /** The highest of its rules. */
  priority: number;
  /** For each trie of the table: how long its prefix of that field is, 0 where it is none. */
  readonly prefixLengths: readonly number[];
  /** Where a transport port or ICMP type is matched: the values, up to the mask's last bit. */
  readonly ports: PrefixTrie | undefined;
  readonly portsLength: number;
}

export function newSubtable(
  mask: Words,
  prefixLengths: readonly number[],
  isConjunction: boolean,
): Subtable {
  const masked: number[] = [];
  const stages: Stage[] = isConjunction ? [{ number: 0, words: [], index: new Map() }] : [];
  for (let word = 0; word < wordCount; word++) {
    if (mask[word] === 0) continue;
    masked.push(word);
    const number = stageOf(word);
    const last = stages.at(-1);
    if (last?.number === number) (last.words as number[]).push(word);
    else stages.push({ number, words: [word], index: new Map() });
  }
  // a subtable that matches everything still has its one, empty stage
  if (stages.length === 0) stages.push({ number: 0, words: [], index: new Map() });
  const ports = mask[wordOf.ports] as number;
  return {
    mask,
    isConjunction,
    stages,
    masked,
    rules: [],
    priority: -1,
    prefixLengths,
    ports: ports === 0 ? undefined : new PrefixTrie(),
    portsLength: ports === 0 ? 0 : Math.clz32(ports & -ports) + 1,
  };
}

/** Of a lookup by stages, before the first. */
export function firstHash({ isConjunction }: Subtable, conjunction: bigint): number {
  return isConjunction ? mix(0, Number(conjunction)) : 0;
}

export function addRule(subtable: Subtable, rule: Rule): void {
  let hash = firstHash(subtable, rule.conjunction ?? 0n);
  subtable.rules.push(rule);
  subtable.priority = Math.max(subtable.priority, rule.priority);
  const last = subtable.stages.at(-1);
  for (const stage of subtable.stages) {
    for (const word of stage.words) hash = mix(hash, rule.words[word] as number);
    const alike = stage.index.get(hash);
    if (alike === undefined) stage.index.set(hash, [rule]);
    else if (stage === last || !alike.some((other) => isEqual(subtable, stage, other, rule)))
      alike.push(rule);
  }
  subtable.ports?.add(rule.words, wordOf.ports, subtable.portsLength);
}

function isEqual(subtable: Subtable, upTo: Stage, one: Rule, other: Rule): boolean {
  if (one.conjunction !== other.conjunction) return false;
  for (const stage of subtable.stages) {
    for (const word of stage.words) if (one.words[word] !== other.words[word]) return false;
    if (stage === upTo) break;
  }
  return true;
}

/** MurmurHash3's mixing of a word. */
export function mix(hash: number, word: number): number {
  let mixed = Math.imul(word, 0xcc9e2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593) ^ hash;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** How many leading bits of the words the mask has, 0 if it is no prefix (minimask_get_prefix_len()). */
export function prefixLength(mask: Words, at: number, words: number): number {
  let length = 0;
  let ended = false;
  for (let word = at; word < at + words; word++) {
    const bits = mask[word] as number;
    if (ended) {
      if (bits !== 0) return 0;
      continue;
    }
    const inverted = ~bits;
    // ones above, zeros below, or no prefix
    if ((inverted & (inverted + 1)) !== 0) return 0;
    const ones = inverted === 0 ? 32 : Math.clz32(inverted);
    length += ones;
    ended = ones < 32;
  }
  return length;
}
