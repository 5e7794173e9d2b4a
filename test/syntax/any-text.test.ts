/** What holds for every text, and for every correct policy. Ohm over the whole file is the authority. */

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { grammar as loadGrammar } from "ohm-js";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../src/report/diagnostic-text.js";
import { formatPolicy } from "../../src/syntax/format.js";
import { parsePolicy } from "../../src/syntax/parse.js";
import { place } from "../../src/syntax/place.js";
import { readSentence } from "../../src/syntax/read-sentence.js";
import { sentencesOf } from "../../src/syntax/sentences.js";
import { readByShape } from "../../src/syntax/shape.js";
import type { Span } from "../../src/text/source.js";
import { correctPolicy, wordSoup } from "../support/policy-text.js";

const seed = 20261123;
const grammar = loadGrammar(
  readFileSync(new URL("../../grammar/policy.ohm", import.meta.url), "utf8"),
);
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: "grapheme", maxLength: 100 }),
  wordSoup,
);

describe(`seed ${seed}`, () => {
  test("any text gives a tree and diagnostics, every span inside the text", () => {
    property(anyText, 3000, (text) => {
      const { tree, diagnostics } = parse(text);
      for (const { start, end } of spansIn([tree.sentences, diagnostics])) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(text.length);
      }
      expect(renderDiagnostics(diagnostics)).not.toMatch(/[^\P{Cc}\n]/u);
    });
  });

  test("a file has syntax errors if and only if the grammar refuses it whole", () => {
    property(anyText, 3000, (text) => {
      const isRefused = parse(text).diagnostics.some(({ code }) => code === "syntax-error");
      const whole = text.replace(/^\uFEFF/, "");
      expect(isRefused).toBe(grammar.match(whole, "Policy").failed());
    });
  });

  test("a correct file has none", () => {
    property(correctPolicy, 1000, (text) => {
      const codes = parse(text).diagnostics.map(({ code }) => code);
      expect(codes.filter((code) => code !== "bad-glob")).toEqual([]);
    });
  });

  test("a sentence filled in from its shape is the sentence that Ohm reads", () => {
    property(fc.oneof(correctPolicy, wordSoup), 2000, (text) => {
      const source = { name: "input.policy", text };
      for (const { rule, tokens } of sentencesOf(text)) {
        const filled = rule === undefined ? undefined : readByShape(source, { rule, tokens });
        if (rule === undefined || filled === undefined) continue;
        const start = tokens[0]?.start ?? 0;
        const read = readSentence(text.slice(start, tokens.at(-1)?.end), rule);
        const moved = (offset: number) => start + offset;
        expect(read?.findings).toEqual([]);
        expect(filled).toEqual(place(read?.sentence, { source, startOf: moved, endOf: moved }));
      }
    });
  });

  test("formatting keeps the sentences and the comments, and is done after once", () => {
    property(correctPolicy, 1000, (text) => {
      const parsed = parse(text);
      const formatted = formatPolicy(parsed);
      const again = parse(formatted);
      expect(withoutSpans(again)).toEqual(withoutSpans(parsed));
      expect(formatPolicy(again)).toBe(formatted);
      expect(commentsIn(formatted)).toBe(commentsIn(text));
    });
  });
});

function property(arbitrary: fc.Arbitrary<string>, runs: number, check: (text: string) => void) {
  fc.assert(fc.property(arbitrary, check), { seed, numRuns: runs });
}

function parse(text: string) {
  return parsePolicy({ name: "input.policy", text });
}

function spansIn(value: unknown): Span[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    key === "span" ? [part as Span] : spansIn(part),
  );
}

/** Namespaces and networks of a tenant may change places, so places mean nothing here. */
function withoutSpans({ tree, diagnostics }: ReturnType<typeof parse>): unknown {
  const print = (key: string, value: unknown) =>
    key === "span" ? undefined : typeof value === "bigint" ? String(value) : value;
  return JSON.parse(JSON.stringify([tree.sentences, diagnostics], print));
}

function commentsIn(text: string): number {
  return text.replace(/"[^"\r\n]*"/g, "").split("#").length;
}
