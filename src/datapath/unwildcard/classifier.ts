/**
 * One OpenFlow table as OVS's classifier holds it (lib/classifier.c), and what a lookup looks at: the bits that end up
 * in the megaflow's mask. As of 3.1.1, and of distributions' 3.1.0 with the fix for CVE-2023-5366, before which a miss
 * among ports left other fields out of the mask (OVS commit 489553b1c).
 */

import type { Flow } from "../../openflow/flow.js";
import { addField, maskBitsOf, type Words, wordCount, wordOf } from "./flow-words.js";
import { fold, foldPrefix, hasPrefix, prefixOnes } from "./looked-bits.js";
import { PrefixTrie } from "./prefix-trie.js";
import {
  addRule,
  mix,
  newSubtable,
  prefixLength,
  type Rule,
  type Stage,
  type Subtable,
} from "./subtable.js";

export type PrefixField = "ip_dst" | "ip_src" | "ipv6_dst" | "ipv6_src";

export interface ClassifierOptions {
  /** `prefixes` of the table; by default those of OVS 3.1. */
  readonly prefixFields?: readonly PrefixField[];
}

/** OVS's default (bridge_configure_tables() in vswitchd/bridge.c); 3.5 adds those of IPv6. */
export const defaultPrefixFields: readonly PrefixField[] = ["ip_dst", "ip_src"];

export interface Trie {
  readonly root: PrefixTrie;
  readonly word: number;
  readonly width: number;
  /** The only EtherType whose packets it is asked for. */
  readonly etherType: number;
}

export interface Classifier {
  /** By falling priority. */
  readonly subtables: readonly Subtable[];
  /** By their first: those of one highest priority, whose order depends on how they came about. */
  readonly groups: ReadonlyMap<Subtable, readonly Subtable[]>;
  readonly tries: readonly Trie[];
}

const trieFields: Readonly<Record<PrefixField, Omit<Trie, "root">>> = {
  ip_dst: { word: wordOf.ipv4Destination, width: 32, etherType: 0x0800 },
  ip_src: { word: wordOf.ipv4Source, width: 32, etherType: 0x0800 },
  ipv6_dst: { word: wordOf.ipv6Destination, width: 128, etherType: 0x86dd },
  ipv6_src: { word: wordOf.ipv6Source, width: 128, etherType: 0x86dd },
};

/** `portNumber` gives the number of a port that a flow names. */
export function classifierOf(
  flows: readonly Flow[],
  portNumber: (port: number | string) => number,
  options: ClassifierOptions = {},
): Classifier {
  const tries = (options.prefixFields ?? defaultPrefixFields).map((field): Trie => {
    return { root: new PrefixTrie(), ...trieFields[field] };
  });
  const byMask = new Map<string, Subtable>();
  for (const [index, flow] of flows.entries()) {
    const words = new Int32Array(wordCount);
    const mask = new Int32Array(wordCount);
    for (const { field, value, mask: bits } of flow.match.fields) {
      addField(words, field, value);
      addField(mask, field, maskBitsOf(field, bits));
    }
    if (flow.match.inPort !== undefined) {
      words[wordOf.inPort] = portNumber(flow.match.inPort);
      mask[wordOf.inPort] = -1;
    }
    const key = mask.join();
    let subtable = byMask.get(key);
    if (subtable === undefined) {
      const lengths = tries.map(({ word, width }) => prefixLength(mask, word, width / 32));
      subtable = newSubtable(mask, lengths);
      byMask.set(key, subtable);
    }
    for (const [at, { root, word }] of tries.entries())
      root.add(words, word, subtable.prefixLengths[at] as number);
    addRule(subtable, { flow, priority: flow.priority, words, index });
  }
  const subtables = [...byMask.values()].sort((one, other) => other.priority - one.priority);
  const groups = new Map<Subtable, readonly Subtable[]>();
  for (let at = 0; at < subtables.length; ) {
    const first = subtables[at] as Subtable;
    const group = subtables.filter(({ priority }) => priority === first.priority);
    if (group.length > 1) groups.set(first, group);
    at += group.length;
  }
  return { subtables, groups, tries };
}

export interface Lookup {
  /** Undefined: nothing matches. */
  readonly rule: Rule | undefined;
  /** The mask depends on an order that OVS does not promise. */
  readonly tied: boolean;
}

/** The rule for a packet; `looked` gets the bits that were looked at. */
export function lookUp(classifier: Classifier, packet: Words, looked: Words): Lookup {
  const { subtables } = classifier;
  const tries = classifier.tries.map(() => undefined) as (TrieAnswer | undefined)[];
  let best: Rule | undefined;
  let tied = false;
  const visit = (subtable: Subtable) => {
    if (best !== undefined && subtable.priority <= best.priority) return;
    const rule = findIn(classifier, subtable, packet, looked, tries);
    if (rule !== undefined && (best === undefined || rule.priority > best.priority)) best = rule;
  };
  for (let at = 0; at < subtables.length; at++) {
    const subtable = subtables[at] as Subtable;
    if (best !== undefined && subtable.priority <= best.priority) break;
    const group = classifier.groups.get(subtable);
    if (group === undefined) {
      visit(subtable);
      continue;
    }
    const before = { best, looked: looked.slice() };
    // every order that matters begins with another one: what it finds may spare the rest
    const answers = group.map((_, first) => {
      best = before.best;
      looked.set(before.looked);
      for (let step = 0; step < group.length; step++)
        visit(group[(first + step) % group.length] as Subtable);
      // registers and metadata stand before the port, and are cleared in the end (xlate_wc_finish())
      return `${best?.index} ${looked.subarray(wordOf.inPort).join()}`;
    });
    if (new Set(answers).size > 1) tied = true;
    at += group.length - 1;
  }
  return { rule: best, tied };
}

interface TrieAnswer {
  /** Undefined: the field is not the packet's, so the trie excludes nothing. */
  readonly lengths: Uint8Array | undefined;
  readonly bits: number;
}

function findIn(
  classifier: Classifier,
  subtable: Subtable,
  packet: Words,
  looked: Words,
  tries: (TrieAnswer | undefined)[],
): Rule | undefined {
  const { stages, mask } = subtable;
  const last = stages.length - 1;
  let hash = 0;
  for (let at = 0; ; at++) {
    const stage = stages[at] as Stage;
    if (isExcluded(classifier, subtable, stage, packet, looked, tries)) {
      fold(subtable, at, looked);
      return undefined;
    }
    for (const word of stage.words)
      hash = mix(hash, (packet[word] as number) & (mask[word] as number));
    const found = stage.index.get(hash)?.find((rule) => agrees(subtable, at, rule, packet));
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
    if (rule.priority > best.priority && rule.words.every((word, at) => word === best.words[at]))
      best = rule;
  return best;
}

function agrees({ stages, mask }: Subtable, upTo: number, rule: Rule, packet: Words): boolean {
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
