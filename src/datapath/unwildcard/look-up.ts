/**
 * A lookup in one table, conjunctive matches and all: classifier_lookup__() of OVS's lib/classifier.c. A flow that is a
 * dimension of a conjunctive match ends nothing by itself, so the subtables below it are looked at, too; where all
 * dimensions are met, everything is looked up once more.
 */

import { conjoined, isConjunctive } from "../../openflow/conjunction.js";
import type { Classifier } from "./classifier.js";
import { findIn, nextLower, type TrieAnswer } from "./find-in-subtable.js";
import { type Words, wordOf } from "./flow-words.js";
import type { Rule, Subtable } from "./subtable.js";

export interface Lookup {
  /** Undefined: nothing matches. */
  readonly rule: Rule | undefined;
  /** The mask depends on an order that OVS does not promise. */
  readonly tied: boolean;
  /** Which of several conjunctive matches OVS takes cannot be foreseen. */
  readonly unclear: boolean;
}

/** A dimension of a conjunctive match that the packet meets. */
interface Soft {
  readonly rule: Rule;
  readonly subtable: Subtable;
}

interface Visited {
  readonly hard: Rule | undefined;
  readonly soft: readonly Soft[];
  readonly tied: boolean;
}

const noConjunction = 0n;

/** The rule for a packet; `looked` gets the bits that were looked at. */
export function lookUp(classifier: Classifier, packet: Words, looked: Words): Lookup {
  const { hard, soft, tied } = visitAll(classifier, packet, noConjunction, looked);
  if (soft.length === 0) return { rule: hard, tied, unclear: false };
  return settle(classifier, packet, looked, { hard, soft, tied });
}

/** Whether soft matches are real ones, from the highest priority down. */
function settle(classifier: Classifier, packet: Words, looked: Words, visited: Visited): Lookup {
  let { hard, soft, tied } = visited;
  for (;;) {
    const floor = hard?.priority ?? -1;
    soft = soft.filter(({ rule }) => rule.priority > floor);
    if (soft.length === 0) return { rule: hard, tied, unclear: false };
    const top = Math.max(...soft.map(({ rule }) => rule.priority));
    const same = soft.filter(({ rule }) => rule.priority === top);
    const found = conjoined(dimensionsOf(same));
    if (found === "unclear") return { rule: undefined, tied, unclear: true };
    if (found !== "nothing") {
      const second = visitAll(classifier, packet, found.id, looked);
      tied ||= second.tied;
      if (second.hard !== undefined) return { rule: second.hard, tied, unclear: false };
    }
    const others = soft.filter(({ rule }) => rule.priority !== top);
    for (const { rule, subtable } of same) {
      const lower = nextLower(subtable, rule);
      if (lower === undefined) continue;
      if (isConjunctive(lower.flow)) others.push({ rule: lower, subtable });
      else if (lower.priority > (hard?.priority ?? -1)) hard = lower;
    }
    soft = others;
  }
}

/** OVS leaves out a flow none of whose ids could be met by so few flows (find_conjunctive_match()). */
function dimensionsOf(soft: readonly Soft[]) {
  return soft.flatMap(({ rule: { flow } }) => {
    const fewest = flow.actions.flatMap((one) => (one.kind === "conjunction" ? [one.of] : []));
    return Math.min(...fewest) > soft.length ? [] : flow.actions;
  });
}

/** All subtables that may still tell; soft matches count in a first lookup alone. */
function visitAll(
  classifier: Classifier,
  packet: Words,
  conjunction: bigint,
  looked: Words,
): Visited {
  const { subtables } = classifier;
  const tries = classifier.tries.map(() => undefined) as (TrieAnswer | undefined)[];
  let best: Rule | undefined;
  let soft: readonly Soft[] = [];
  let tied = false;
  const visit = (subtable: Subtable) => {
    if (best !== undefined && subtable.priority <= best.priority) return;
    const rule = findIn(classifier, subtable, packet, conjunction, looked, tries);
    if (rule === undefined || (best !== undefined && rule.priority <= best.priority)) return;
    if (!rule.isSoft) best = rule;
    else if (conjunction === noConjunction) soft = [...soft, { rule, subtable }];
  };
  for (let at = 0; at < subtables.length; at++) {
    const subtable = subtables[at] as Subtable;
    if (best !== undefined && subtable.priority <= best.priority) break;
    const group = classifier.groups.get(subtable);
    if (group === undefined) {
      visit(subtable);
      continue;
    }
    const before = { best, soft, looked: looked.slice() };
    // every order that matters begins with another one: what it finds may spare the rest
    const answers = group.map((_, first) => {
      best = before.best;
      soft = before.soft;
      looked.set(before.looked);
      for (let step = 0; step < group.length; step++)
        visit(group[(first + step) % group.length] as Subtable);
      const dimensions = soft.map(({ rule }) => rule.index).sort((a, b) => a - b);
      // registers and metadata stand before the port, and are cleared in the end (xlate_wc_finish())
      return `${best?.index} ${dimensions} ${looked.subarray(wordOf.inPort).join()}`;
    });
    if (new Set(answers).size > 1) tied = true;
    at += group.length - 1;
  }
  return { hard: best, soft, tied };
}
