/** Moves what was read from one sentence to its place in the file. */

import type { Source, Span } from "../text/source.js";

/** The place in the file of an offset where something starts, or ends, in the sentence. */
export interface Places {
  readonly source: Source;
  startOf(offset: number): number;
  endOf(offset: number): number;
}

/** A copy of a tree or a finding with every span moved, and every name read anew at its place. */
export function place<T>(part: T, places: Places): T {
  return placed(part, places) as T;
}

function placed(part: unknown, places: Places): unknown {
  if (typeof part !== "object" || part === null) return part;
  if (Array.isArray(part)) return part.map((item) => placed(item, places));
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(part)) {
    if (key === "span") copy[key] = move(value as Span, places);
    // a prefix has no place of its own
    else copy[key] = key === "prefix" ? value : placed(value, places);
  }
  if ("text" in copy) copy["text"] = wordsAt(copy["span"] as Span);
  return copy;
}

function move(span: Span, { source, startOf, endOf }: Places): Span {
  return { source, start: startOf(span.start), end: endOf(span.end) };
}

function wordsAt({ source, start, end }: Span): string {
  const quoted = source.text.charCodeAt(start) === 34;
  return quoted ? source.text.slice(start + 1, end - 1) : source.text.slice(start, end);
}
