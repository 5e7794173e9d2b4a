/** Where checks put what they find, and the order in which it is handed on. */

import type { Diagnostic } from "../text/diagnostic.js";
import type { Span } from "../text/source.js";

export type Report = (diagnostic: Diagnostic) => void;

/** By file, then place: a total order that no order of files or sentences changes. */
export function compareSpans(one: Span, other: Span): number {
  const names = compareText(one.source.name, other.source.name);
  return names !== 0 ? names : one.start - other.start || one.end - other.end;
}

export function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

export function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.toSorted(
    (one, other) => compareSpans(one.span, other.span) || compareText(one.code, other.code),
  );
}
