/** From a file's text to its tree. Any text at all gives a tree and diagnostics, and never throws. */

import type { Diagnostic } from "../text/diagnostic.js";
import type { Source } from "../text/source.js";
import { explainBroken } from "./broken-sentence.js";
import { place } from "./place.js";
import { readSentence } from "./read-sentence.js";
import { type RawSentence, sentencesOf, type Token } from "./sentences.js";
import { readByShape } from "./shape.js";
import type { PolicyTree, Sentence } from "./tree.js";

export interface ParsedPolicy {
  readonly tree: PolicyTree;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

// past so many broken sentences the file is no policy, and repairs cost ten matches each
const mostRepairs = 50;

export function parsePolicy(source: Source): ParsedPolicy {
  const sentences: Sentence[] = [];
  const diagnostics: Diagnostic[] = [];
  let broken = 0;
  const keepSentence = (start: number, end: number, rule: string | undefined): boolean => {
    const reading =
      rule === undefined ? undefined : readSentence(source.text.slice(start, end), rule);
    if (reading === undefined) return false;
    const moved = (offset: number) => start + offset;
    const places = { source, startOf: moved, endOf: moved };
    // what such a rule would mean is not known, so nothing more is said of it
    const isUnclear =
      (reading.sentence.kind === "rule" || reading.sentence.kind === "test") &&
      reading.findings.some(({ code }) => code === "bad-glob");
    if (!isUnclear) sentences.push(place(reading.sentence, places));
    diagnostics.push(...place(reading.findings, places));
    return true;
  };
  for (const raw of sentencesOf(source.text)) {
    const known = readKnown(source, raw);
    if (known !== undefined) {
      sentences.push(known);
      continue;
    }
    const start = (raw.tokens[0] as Token).start;
    const end = (raw.tokens.at(-1) as Token).end;
    if (keepSentence(start, end, raw.rule)) continue;
    const { diagnostic, kept } = explainBroken(source, raw, broken++ >= mostRepairs);
    if (kept !== undefined) keepSentence(start, start + kept, raw.rule);
    diagnostics.push(diagnostic);
  }
  return { tree: { source, sentences }, diagnostics };
}

function readKnown(source: Source, { rule, tokens }: RawSentence): Sentence | undefined {
  return rule === undefined ? undefined : readByShape(source, { rule, tokens });
}
