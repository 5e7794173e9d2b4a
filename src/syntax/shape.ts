/**
 * Sentences that differ in their names alone have one shape: `allow n -> n : n`. Ohm reads a shape once, and
 * every other sentence of that shape is filled in from it, some ten times as fast. Ohm stays the authority: a
 * word stands for another only where no rule of the grammar, and no check of a value, can tell them apart.
 */

import type { Source } from "../text/source.js";
import { type Places, place } from "./place.js";
import { readSentence } from "./read-sentence.js";
import type { RawSentence, Token } from "./sentences.js";
import type { Sentence } from "./tree.js";
import { keywords, literals } from "./words.js";

/** Its spans count tokens and not characters: from the start of one to the end of one (inclusive). */
type Template = Sentence | "none";

const templates = new Map<string, Template>();
const mostTemplates = 5000;
// a shape this long is not met twice
const mostTokens = 200;

/** Undefined: read the sentence itself, and say what is wrong with it. */
export function readByShape(
  source: Source,
  { rule, tokens }: Required<RawSentence>,
): Sentence | undefined {
  if (tokens.length > mostTokens) return undefined;
  const words = tokens.map((_, index) => standIn(source.text, tokens, index));
  const shape = joined(words, tokens);
  let template = templates.get(shape);
  if (template === undefined) {
    template = templateOf(shape, rule, tokenPlaces(shape, words, tokens));
    if (templates.size >= mostTemplates) templates.clear();
    templates.set(shape, template);
  }
  if (template === "none") return undefined;
  return place(template, {
    source,
    startOf: (index) => (tokens[index] as Token).start,
    endOf: (index) => (tokens[index] as Token).end,
  });
}

function joined(words: readonly string[], tokens: readonly Token[]): string {
  let shape = "";
  for (const [index, word] of words.entries())
    shape += tokens[index]?.glued || index === 0 ? word : ` ${word}`;
  return shape;
}

const isName = /^[A-Za-z][A-Za-z0-9_.-]*$/;
const isGlob = /^[A-Za-z0-9_.*-]*\*[A-Za-z0-9_.*-]*$/;
const isPlainText = /^"[A-Za-z0-9_.*-]+"$/;

function standIn(text: string, tokens: readonly Token[], index: number): string {
  const token = tokens[index] as Token;
  const words = text.slice(token.start, token.end);
  // what is glued to a colon may be a part of an IPv6 address
  if (token.kind === "mark" || isGluedToColon(text, tokens, index)) return words;
  if (token.kind === "text") {
    if (words.length < 3 || !words.endsWith('"')) return words;
    return isPlainText.test(words) ? '"n"' : '"!"';
  }
  if (isName.test(words)) return keywords.has(words) || literals.has(words) ? words : "n";
  return isGlob.test(words) ? "n*" : words;
}

function isGluedToColon(text: string, tokens: readonly Token[], index: number): boolean {
  const { start, end, glued } = tokens[index] as Token;
  return (glued && text[start - 1] === ":") || text[end] === ":";
}

interface TokenPlaces extends Places {
  /** Whether some span began or ended within a token. */
  missed(): boolean;
}

function templateOf(shape: string, rule: string, places: TokenPlaces): Template {
  const reading = readSentence(shape, rule);
  if (reading === undefined || reading.findings.length > 0) return "none";
  const template = place(reading.sentence, places);
  return places.missed() ? "none" : template;
}

/** From characters of the shape to the numbers of tokens. */
function tokenPlaces(
  shape: string,
  words: readonly string[],
  tokens: readonly Token[],
): TokenPlaces {
  const starts = new Map<number, number>();
  const ends = new Map<number, number>();
  let at = 0;
  for (const [index, word] of words.entries()) {
    if (index > 0 && !tokens[index]?.glued) at++;
    starts.set(at, index);
    at += word.length;
    ends.set(at, index);
  }
  let missed = false;
  const numberIn = (map: ReadonlyMap<number, number>) => (offset: number) => {
    const index = map.get(offset);
    missed ||= index === undefined;
    return index ?? 0;
  };
  return {
    source: { name: "", text: shape },
    startOf: numberIn(starts),
    endOf: numberIn(ends),
    missed: () => missed,
  };
}
