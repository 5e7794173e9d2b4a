/** What is wrong with a sentence that the grammar refuses: one diagnostic, and what of it can be kept. */

import type { Diagnostic } from "../text/diagnostic.js";
import type { Source } from "../text/source.js";
import { failureOf, fits } from "./grammar.js";
import { findSlip, wordAt } from "./repair.js";
import type { RawSentence, Token } from "./sentences.js";
import { openings } from "./words.js";

export interface BrokenReading {
  readonly diagnostic: Diagnostic;
  /** Length of the part that is a sentence of its own; the rest is what the diagnostic is about. */
  readonly kept?: number;
}

const openingWords = [...openings.keys()].map((word) => `\`${word}\``);

/** `text` is the sentence's, `tokens` are in the file. With `brief`, no repair is tried. */
export function explainBroken(
  source: Source,
  { rule, tokens }: RawSentence,
  brief: boolean,
): BrokenReading {
  const offset = (tokens[0] as Token).start;
  const text = source.text.slice(offset, (tokens.at(-1) as Token).end);
  const failure = rule === undefined ? { at: 0, expected: openingWords } : failureOf(text, rule);
  const broken = { text, rule: rule ?? "Sentence", ...failure };
  const found = brief ? undefined : findSlip(broken);
  if (found !== undefined) {
    const span = { source, start: offset + found.start, end: offset + found.end };
    const { expected } = failure;
    const words = text.slice(found.start, found.end);
    return { diagnostic: { code: "syntax-error", found: words, expected, slip: found.slip, span } };
  }
  const kept = text.slice(0, failure.at).trimEnd();
  if (rule !== undefined && kept !== "" && fits(kept, rule))
    return { ...explainRest(source, broken, offset, brief), kept: kept.length };
  return { diagnostic: plain(source, text, failure.at, failure.expected, offset) };
}

/** The sentence before is whole, so what follows may be meant to begin the next. */
function explainRest(
  source: Source,
  { text, at, expected }: { text: string; at: number; expected: readonly string[] },
  offset: number,
  brief: boolean,
): BrokenReading {
  const rest = text.slice(at);
  const broken = { text: rest, rule: "Sentence", at: 0, expected: openingWords };
  const found = brief ? undefined : findSlip(broken);
  if (found === undefined) {
    const beginsLine = /\n[ \t]*$/.test(text.slice(0, at));
    const wanted = beginsLine ? openingWords : expected;
    return { diagnostic: plain(source, text, at, wanted, offset) };
  }
  const start = offset + at + found.start;
  const span = { source, start, end: start + found.end - found.start };
  const words = rest.slice(found.start, found.end);
  const diagnostic: Diagnostic = {
    code: "syntax-error",
    found: words,
    expected: ["a sentence"],
    slip: found.slip,
    span,
  };
  return { diagnostic };
}

function plain(
  source: Source,
  text: string,
  at: number,
  expected: readonly string[],
  offset: number,
): Diagnostic {
  const found = wordAt(text, at);
  const start = offset + Math.min(at, text.length);
  const span = { source, start, end: start + found.length };
  return { code: "syntax-error", found, expected, span };
}
