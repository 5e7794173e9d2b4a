/**
 * One lookup for a whole class of packets: every way it can end, each with the class of the packets that end so and
 * what it looked at. The same walk through subtables, stages and tries as `lookUp` of one packet.
 */

import type { Classifier, Trie } from "../../datapath/unwildcard/classifier.js";
import { wordOf } from "../../datapath/unwildcard/flow-words.js";
import { prefixOnes } from "../../datapath/unwildcard/looked-bits.js";
import type { Rule, Stage, Subtable } from "../../datapath/unwildcard/subtable.js";
import type { WordBits } from "./action-words.js";
import { asksTries, dependsOnOrder } from "./equal-priority.js";
import { exclude, learn, look, type PacketClass, rough } from "./packet-class.js";
import { walkPorts } from "./port-walk.js";
import { settlePorts } from "./settle-ports.js";
import { candidatesOf } from "./stage-candidates.js";
import { type TrieEnd, walkTrie } from "./trie-walk.js";

export type Found = (left: PacketClass, rule: Rule | undefined) => void;

/** Found so far. */
interface Best {
  readonly rule: Rule;
  readonly subtable: Subtable;
}

export function lookUpClass(classifier: Classifier, from: PacketClass, done: Found): void {
  const { subtables } = classifier;
  const visit = (at: number, left: PacketClass, before: PacketClass, best?: Best): void => {
    const subtable = subtables[at];
    if (best !== undefined && (subtable?.priority ?? 0) <= best.rule.priority) {
      const isHighest = best.rule.priority === best.subtable.priority;
      const isOpen = isHighest && dependsOnOrder(classifier, best.subtable, before, left);
      done(isOpen ? rough(left) : left, best.rule);
    } else if (subtable === undefined) done(left, best?.rule);
    else {
      // those of one highest priority are beside each other, and a group has the name of its first
      const isGroup = classifier.groups.has(subtable);
      const come = isGroup && asksTries(classifier, subtable, left) ? rough(left) : left;
      new Visit(classifier, subtable, (next, rule) => {
        const isBetter =
          rule !== undefined && (best === undefined || rule.priority > best.rule.priority);
        visit(at + 1, next, isGroup ? come : before, isBetter ? { rule, subtable } : best);
      }).stage(0, come);
    }
  };
  visit(0, from, from);
}

/** One subtable. */
class Visit {
  readonly #classifier: Classifier;
  readonly #subtable: Subtable;
  readonly #next: Found;

  constructor(classifier: Classifier, subtable: Subtable, next: Found) {
    this.#classifier = classifier;
    this.#subtable = subtable;
    this.#next = next;
  }

  stage(at: number, from: PacketClass): void {
    this.#tries(at, 0, from, from);
  }

  /** The tries that may exclude the subtable, one after another. */
  #tries(at: number, index: number, from: PacketClass, before: PacketClass): void {
    const { tries } = this.#classifier;
    const trie = tries[index];
    if (trie === undefined) {
      this.#match(at, from);
      return;
    }
    const stage = this.#subtable.stages[at] as Stage;
    const length = this.#subtable.prefixLengths[index] as number;
    if (
      length === 0 ||
      !stage.words.includes(trie.word) ||
      from.value[wordOf.etherType] !== trie.etherType
    ) {
      this.#tries(at, index + 1, from, before);
      return;
    }
    for (const end of walkTrie(trie, length, from)) {
      const left = learnPrefix(from, trie, end);
      if (left === undefined) continue;
      if (!end.excludes) this.#tries(at, index + 1, left, before);
      else {
        // what an earlier trie told is not looked at, where a later one excludes
        const seen = end.isLookedAt ? left : lookAtPrefix(left, trie, end.bits);
        this.#next(this.#fold(from === before ? seen : rough(seen), at), undefined);
      }
    }
  }

  #match(at: number, from: PacketClass): void {
    const { stages, mask, ports } = this.#subtable;
    const stage = stages[at] as Stage;
    const isLast = at === stages.length - 1;
    if (isLast && ports !== undefined) {
      for (const settled of settlePorts(this.#subtable, from)) this.#matchPorts(stage, settled);
      return;
    }
    const { words } = stage;
    const masks = words.map((word) => mask[word] as number);
    const candidates = candidatesOf(this.#subtable, at, words, from);
    for (const [first] of candidates) {
      const rule = first as Rule;
      const left = learn(from, words, masks, valuesAt(rule, words));
      if (left === undefined) continue;
      if (isLast) this.#next(this.#fold(left, at + 1), highest(candidates, rule));
      else this.stage(at + 1, left);
    }
    const values = candidates.map(([rule]) => valuesAt(rule as Rule, words));
    for (const other of exclude(from, words, masks, values))
      this.#next(this.#fold(other, at + 1), undefined);
  }

  /** In the last stage, ports are looked at by the trie of the subtable's own ports where nothing matches. */
  #matchPorts(stage: Stage, from: PacketClass): void {
    const { mask, stages } = this.#subtable;
    const words = stage.words.filter((word) => word !== wordOf.ports);
    const masks = words.map((word) => mask[word] as number);
    const at = stages.length - 1;
    const groups = candidatesOf(this.#subtable, at, words, from);
    const miss = (left: PacketClass, bits: number) => {
      const others = look(this.#fold(left, at), words, masks);
      this.#next(look(others, [wordOf.ports], [bits]), undefined);
    };
    for (const group of groups) {
      const left = learn(from, words, masks, valuesAt(group[0] as Rule, words));
      if (left === undefined) continue;
      walkPorts(this.#subtable, left, group, miss, (hit, rule) =>
        this.#next(this.#fold(hit, at + 1), rule),
      );
    }
    const values = groups.map(([rule]) => valuesAt(rule as Rule, words));
    if (words.length === 0) return;
    for (const other of exclude(from, words, masks, values))
      walkPorts(this.#subtable, other, [], miss, () => {});
  }

  /** Looks at the mask of the stages before that one. */
  #fold(from: PacketClass, before: number): PacketClass {
    const { words, masks } = stagesBefore(this.#subtable, before);
    return look(from, words, masks);
  }
}

const before = new WeakMap<Subtable, WordBits[]>();

function stagesBefore(subtable: Subtable, count: number): WordBits {
  const { stages, mask } = subtable;
  let all = before.get(subtable);
  if (all === undefined) {
    all = [...stages, undefined].map((_, at) => {
      const words = stages.slice(0, at).flatMap((stage) => stage.words);
      return { words, masks: words.map((word) => mask[word] as number) };
    });
    before.set(subtable, all);
  }
  return all[count] as WordBits;
}

function valuesAt(rule: Rule, words: readonly number[]): number[] {
  return words.map((word) => rule.words[word] as number);
}

function highest(candidates: readonly (readonly Rule[])[], rule: Rule): Rule {
  const alike = candidates.find(([first]) => first === rule) ?? [rule];
  return alike.reduce((best, one) => (one.priority > best.priority ? one : best));
}

function learnPrefix(from: PacketClass, trie: Trie, { path, bits }: TrieEnd) {
  const words = Array.from({ length: trie.width / 32 }, (_, at) => trie.word + at);
  const masks = words.map((_, at) => prefixOnes(Math.max(0, bits - at * 32)));
  return learn(
    from,
    words,
    masks,
    words.map((_, at) => (path[at] as number) & (masks[at] as number)),
  );
}

function lookAtPrefix(from: PacketClass, trie: Trie, bits: number): PacketClass {
  const words = Array.from({ length: trie.width / 32 }, (_, at) => trie.word + at);
  return look(
    from,
    words,
    words.map((_, at) => prefixOnes(Math.max(0, bits - at * 32))),
  );
}
