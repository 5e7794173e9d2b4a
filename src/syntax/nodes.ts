/** What every reader of Ohm's nodes needs: names, places, and a list for what is wrong. */

import type { Node } from "ohm-js";
import type { Diagnostic } from "../text/diagnostic.js";
import type { Source, Span } from "../text/source.js";
import type { Reading } from "./read-value.js";
import type { Name } from "./tree.js";

const here: Source = { name: "", text: "" };

// of the sentence being read: an action of Ohm returns one thing
let findings: Diagnostic[] = [];

/** Runs a reader and hands over what it found wrong meanwhile. */
export function collect<T>(read: () => T): { value: T; findings: readonly Diagnostic[] } {
  findings = [];
  const value = read();
  return { value, findings };
}

export function found(finding: Diagnostic): void {
  findings.push(finding);
}

/** The first time counts. */
export function isRepeated(seen: Map<string, Span>, word: string, node: Node): boolean {
  const { start } = spanOf(node);
  const span = { source: here, start, end: start + word.length };
  const first = seen.get(word);
  if (first === undefined) {
    seen.set(word, span);
    return false;
  }
  const labels = [{ span: first, role: "first-here" as const }];
  found({ code: "repeated-clause", word, span, labels });
  return true;
}

export function nameOf(node: Node): Name {
  const words = node.sourceString;
  return { text: words.startsWith('"') ? words.slice(1, -1) : words, span: spanOf(node) };
}

export function itemsOf(list: Node): readonly Node[] {
  return [list.child(0), ...list.child(2).children];
}

export function spanOf(node: Node): Span {
  return { source: here, start: node.source.startIdx, end: node.source.endIdx };
}

export function report<T>(reading: Reading<T>): T | undefined {
  if (reading.finding !== undefined) found(reading.finding);
  return reading.value;
}

export function keep<T>(list: T[], reading: Reading<T>): void {
  const value = report(reading);
  if (value !== undefined) list.push(value);
}
