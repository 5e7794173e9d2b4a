/** The pieces before `actions=`: `key=value`, `key:value` (as flow messages print some) or a bare keyword. */

import type { Source, Span } from "../text/source.js";

/** Moves over a text piece by piece without making anything: one scanner reads a whole dump. */
export class PieceScanner {
  readonly #text: string;
  #at = 0;
  #stop = 0;
  start = 0;
  end = 0;
  /** Where `=` or `:` stands; `end` for a keyword. */
  separator = 0;

  constructor(text: string) {
    this.#text = text;
  }

  begin(start: number, stop: number): void {
    this.#at = start;
    this.#stop = stop;
  }

  next(): boolean {
    const text = this.#text;
    const stop = this.#stop;
    let at = this.#at;
    while (at < stop && isBetween(text.charCodeAt(at))) at++;
    if (at >= stop) return false;
    this.start = at;
    let separator = -1;
    let isQuoted = false;
    let depth = 0;
    for (; at < stop; at++) {
      const code = text.charCodeAt(at);
      if (code === 34) isQuoted = !isQuoted;
      else if (isQuoted) continue;
      else if (code === 40) depth++;
      else if (code === 41) depth--;
      else if (depth > 0) continue;
      else if (isBetween(code)) break;
      else if (separator < 0 && (code === 61 || code === 58)) separator = at;
    }
    this.separator = separator < 0 ? at : separator;
    this.end = at;
    this.#at = at;
    return true;
  }

  text(): string {
    return this.#text.slice(this.start, this.end);
  }

  key(): string {
    return this.#text.slice(this.start, this.separator);
  }

  value(): string | undefined {
    return this.separator === this.end ? undefined : this.#text.slice(this.separator + 1, this.end);
  }
}

export interface Piece {
  readonly key: string;
  readonly value?: string;
  readonly keySpan: Span;
  readonly valueSpan?: Span;
}

export function partsBetween(source: Source, start: number, stop: number): Piece[] {
  const scanner = new PieceScanner(source.text);
  scanner.begin(start, stop);
  const pieces: Piece[] = [];
  while (scanner.next()) {
    const value = scanner.value();
    const keySpan = { source, start: scanner.start, end: scanner.separator };
    pieces.push({
      key: scanner.key(),
      keySpan,
      ...(value === undefined
        ? {}
        : { value, valueSpan: { source, start: scanner.separator + 1, end: scanner.end } }),
    });
  }
  return pieces;
}

function isBetween(code: number): boolean {
  return code === 44 || code === 32 || code === 9 || code === 13;
}
