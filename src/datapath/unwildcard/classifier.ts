/**
 * One OpenFlow table as OVS's classifier holds it (lib/classifier.c), and what a lookup looks at: the bits that end up
 * in the megaflow's mask. As of 3.1.1, and of distributions' 3.1.0 with the fix for CVE-2023-5366, before which a miss
 * among ports left other fields out of the mask (OVS commit 489553b1c).
 */

import { isConjunctive } from "../../openflow/conjunction.js";
import type { Flow } from "../../openflow/flow.js";
import { addField, maskBitsOf, wordCount, wordOf } from "./flow-words.js";
import { PrefixTrie } from "./prefix-trie.js";
import { addRule, newSubtable, prefixLength, type Subtable } from "./subtable.js";

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
    const conjunction = flow.match.fields.find(({ field }) => field === "conj_id")?.value;
    const key = `${mask.join()} ${conjunction !== undefined}`;
    let subtable = byMask.get(key);
    if (subtable === undefined) {
      const lengths = tries.map(({ word, width }) => prefixLength(mask, word, width / 32));
      subtable = newSubtable(mask, lengths, conjunction !== undefined);
      byMask.set(key, subtable);
    }
    for (const [at, { root, word }] of tries.entries())
      root.add(words, word, subtable.prefixLengths[at] as number);
    const { priority } = flow;
    addRule(subtable, { flow, priority, words, conjunction, index, isSoft: isConjunctive(flow) });
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
