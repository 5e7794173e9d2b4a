/**
 * Subtables whose highest priority is the same: Open vSwitch does not promise in which order a lookup comes to them, and
 * one that finds a rule of that priority ends it (lib/classifier.c, lib/pvector.c).
 */

import type { Classifier, Trie } from "../../datapath/unwildcard/classifier.js";
import { wordOf } from "../../datapath/unwildcard/flow-words.js";
import type { Subtable } from "../../datapath/unwildcard/subtable.js";
import type { PacketClass } from "./packet-class.js";
import { candidatesOf } from "./stage-candidates.js";

/**
 * Whether what these packets were looked at depends on that order, a rule of that subtable's highest priority being found.
 * It does not where a lookup in the others ends without a look at anything but what was looked at `before` the first of
 * them, or is for the rule that is found.
 */
export function dependsOnOrder(
  classifier: Classifier,
  found: Subtable,
  before: PacketClass,
  after: PacketClass,
): boolean {
  for (const group of classifier.groups.values())
    if ((group[0] as Subtable).priority === found.priority)
      return group.some(
        (one) => one !== found && !tellsNothing(classifier, one, found, before, after),
      );
  return false;
}

/**
 * Whether tries make that order tell even those who find nothing: a trie excludes a subtable by bits that another one
 * looked at. True where a lookup may come so far in a subtable with a prefix, one of that group.
 */
export function asksTries(
  { groups, tries }: Classifier,
  first: Subtable,
  from: PacketClass,
): boolean {
  return (groups.get(first) ?? []).some((one) =>
    one.prefixLengths.some((length, index) => {
      const trie = tries[index] as Trie;
      if (length === 0 || from.value[wordOf.etherType] !== trie.etherType) return false;
      const at = one.stages.findIndex(({ words }) => words.includes(trie.word));
      return one.stages
        .slice(0, at)
        .every(({ words }, stage) => candidatesOf(one, stage, words, from).length > 0);
    }),
  );
}

function tellsNothing(
  { tries }: Classifier,
  subtable: Subtable,
  { mask: sure }: Subtable,
  { looked }: PacketClass,
  after: PacketClass,
): boolean {
  const { stages, mask } = subtable;
  for (const [at, { words }] of stages.entries()) {
    // a trie may look further than the mask
    if (
      tries.some(({ word }, index) => words.includes(word) && subtable.prefixLengths[index] !== 0)
    )
      return false;
    const isSeen = words.every(
      (word) =>
        word <= wordOf.inPort ||
        word === wordOf.etherType ||
        ((mask[word] as number) & ~((sure[word] as number) | (looked[word] as number))) === 0,
    );
    if (!isSeen) return false;
    if (candidatesOf(subtable, at, words, after).length === 0) return true;
  }
  return false;
}
