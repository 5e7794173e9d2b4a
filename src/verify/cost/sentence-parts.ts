/** A rule's sentence in parts, in its author's words, to be put together otherwise. */

import type { Rule } from "../../policy/checked-policy.js";
import { parsePolicy } from "../../syntax/parse.js";
import type { RuleSentence } from "../../syntax/tree.js";
import { type Span, underlined } from "../../text/source.js";

export interface SentenceParts {
  readonly effect: string;
  readonly sides: SideParts;
  readonly services: readonly string[];
  /** Absent: every rail. */
  readonly rails?: readonly string[];
  /** `across rails`, owner, reason and last day. */
  readonly rest: readonly string[];
}

export type SideParts =
  | { readonly kind: "each"; readonly text: string }
  | {
      readonly kind: "pair";
      readonly openers: readonly string[];
      readonly arrow: "->" | "<->";
      readonly answerers: readonly string[];
    };

/** Undefined where the author's text is no longer to be had. */
export function partsOf({ span, text }: Rule): SentenceParts | undefined {
  // a rule that was made by hand has no place of its own: its canonical text says the same
  for (const written of [underlined(span), text]) {
    const { tree, diagnostics } = parsePolicy({ name: "rule", text: written });
    const [sentence, ...others] = tree.sentences;
    if (diagnostics.length + others.length === 0 && sentence?.kind === "rule")
      return partsOfSentence(sentence);
  }
  return undefined;
}

function partsOfSentence(sentence: RuleSentence): SentenceParts {
  const { effect, sides, services, rails, acrossRails, owner, because, until } = sentence;
  return {
    effect,
    sides:
      sides.kind === "each"
        ? { kind: "each", text: `each ${sides.group?.text ?? "tenant"} <-> itself` }
        : {
            kind: "pair",
            openers: wordsOf(sides.openers),
            arrow: sides.bothWays ? "<->" : "->",
            answerers: wordsOf(sides.answerers),
          },
    services: wordsOf(services),
    ...(rails === undefined ? {} : { rails: wordsOf(rails) }),
    rest: [
      ...(acrossRails ? ["across rails"] : []),
      ...(owner === undefined ? [] : [`owner ${underlined(owner.span)}`]),
      ...(because === undefined ? [] : [`because ${underlined(because.span)}`]),
      ...(until === undefined ? [] : [`until ${underlined(until.span)}`]),
    ],
  };
}

/** No name twice. */
function wordsOf(items: readonly { readonly span: Span }[]): string[] {
  return [...new Set(items.map(({ span }) => underlined(span)))];
}

export function printParts({ effect, sides, services, rails, rest }: SentenceParts): string {
  const who =
    sides.kind === "each"
      ? sides.text
      : `${sides.openers.join(", ")} ${sides.arrow} ${sides.answerers.join(", ")}`;
  const where = rails === undefined ? [] : [`on ${rails.join(", ")}`];
  return [effect, who, ":", services.join(", "), ...where, ...rest].join(" ");
}
