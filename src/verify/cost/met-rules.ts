/** Which rules of a subtable packets may meet of which nothing is known but registers, the port and the EtherType. */

import { wordOf } from "../../datapath/unwildcard/flow-words.js";
import type { Rule, Subtable } from "../../datapath/unwildcard/subtable.js";
import type { Action } from "../../openflow/action.js";
import type { ClassWords } from "./class-words.js";

/** Registers and the port, which the first stage looks at, and the EtherType, which the second does. */
export const contextWords: readonly number[] = [
  ...Array.from({ length: wordOf.inPort + 1 }, (_, word) => word),
  wordOf.etherType,
];

/** What is known there. */
export interface Context {
  readonly known: ClassWords;
  readonly value: ClassWords;
}

export interface Met {
  readonly rules: readonly Rule[];
  /** How many stages a lookup comes to. */
  readonly stages: number;
}

export function metRules(subtable: Subtable, { known, value }: Context): Met {
  const { mask } = subtable;
  const { distinct, told } = asked(subtable);
  let rules = distinct;
  for (const [at, words] of told.entries()) {
    if (words.length > 0)
      rules = rules.filter(({ words: own }) =>
        words.every(
          (word) =>
            (((own[word] as number) ^ (value[word] as number)) &
              (known[word] as number) &
              (mask[word] as number)) ===
            0,
        ),
      );
    if (rules.length === 0) return { rules, stages: at + 1 };
  }
  return { rules, stages: told.length };
}

interface Asked {
  /** One for all rules that ask the same of the context and do the same. */
  readonly distinct: readonly Rule[];
  /** By stage, which words of the context it looks at. */
  readonly told: readonly (readonly number[])[];
}

const known = new WeakMap<Subtable, Asked>();

function asked(subtable: Subtable): Asked {
  let found = known.get(subtable);
  if (found === undefined) {
    found = ask(subtable);
    known.set(subtable, found);
  }
  return found;
}

function ask({ masked, rules, stages }: Subtable): Asked {
  const inContext = (words: readonly number[]) =>
    words.filter((word) => contextWords.includes(word));
  const words = inContext(masked);
  const byKey = new Map<string, Rule>();
  for (const rule of rules)
    byKey.set(
      [...words.map((word) => rule.words[word]), ...rule.flow.actions.map(effectOf)].join(),
      rule,
    );
  return { distinct: [...byKey.values()], told: stages.map((stage) => inContext(stage.words)) };
}

function effectOf(action: Action): string {
  switch (action.kind) {
    case "goto":
      return `to ${action.table}`;
    case "set":
      return `${action.field}=${action.value}/${action.mask}`;
    case "move":
      return `${action.from}>${action.to}`;
    default:
      return "";
  }
}
