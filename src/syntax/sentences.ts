/**
 * Cuts a file into sentences without understanding them, so that each can be matched alone: Ohm keeps a table
 * over its whole input, and a sentence that cannot be read must not hide the next.
 */

import { openings, unfinished } from "./words.js";

export interface Token {
  readonly kind: "word" | "text" | "mark";
  readonly start: number;
  readonly end: number;
  /** Nothing stands between it and the token before. */
  readonly glued: boolean;
}

export interface RawSentence {
  /** The grammar's rule that its first word asks for; absent where no sentence begins with that word. */
  readonly rule?: string;
  readonly tokens: readonly Token[];
}

// a word's `-` does not belong to an arrow; a text ends with its line at the latest
const pattern =
  /[ \t\r\n]+|#[^\n]*|(?<text>"[^"\r\n]*"?)|(?<word>(?:[A-Za-z0-9_.*?![\]^\\+@$|]|-(?!>))+)|<->|->|<=|(?:=|-)+>|./gsu;

export function* sentencesOf(text: string): Generator<RawSentence> {
  let tokens: Token[] = [];
  let rule: string | undefined;
  const cutter = new Cutter(text);
  let end = text.startsWith("\uFEFF") ? 1 : 0;
  const matcher = new RegExp(pattern);
  matcher.lastIndex = end;
  let glued = false;
  for (let match = matcher.exec(text); match !== null; match = matcher.exec(text)) {
    const start = end;
    end = matcher.lastIndex;
    const first = text.charCodeAt(start);
    if (first === 32 || first === 35 || first === 10 || first === 13 || first === 9) {
      glued = false;
      continue;
    }
    const kind = match.groups?.["word"] !== undefined ? "word" : first === 34 ? "text" : "mark";
    if (cutter.begins(kind, start, end, glued)) {
      if (tokens.length > 0) yield sentence(rule, tokens);
      tokens = [];
      rule = openings.get(text.slice(start, end));
    }
    tokens.push({ kind, start, end, glued });
    glued = true;
  }
  if (tokens.length > 0) yield sentence(rule, tokens);
}

function sentence(rule: string | undefined, tokens: readonly Token[]): RawSentence {
  return rule === undefined ? { tokens } : { rule, tokens };
}

/**
 * Decides where a sentence begins. In a correct file that is at every opening keyword but the one of
 * `each tenant`. The rest of the care is for broken sentences: `allow test -> b : s` is one mistake and not two.
 */
class Cutter {
  readonly #text: string;
  #depth = 0;
  #last = "";
  #lastEnd = 0;

  constructor(text: string) {
    this.#text = text;
  }

  begins(kind: Token["kind"], start: number, end: number, glued: boolean): boolean {
    const word = kind === "text" ? '"' : this.#text.slice(start, end);
    const begins =
      kind === "word" && openings.has(word) && !this.#isInside(glued) && this.#opens(start, end);
    if (begins) this.#depth = 0;
    else if (word === "{") this.#depth++;
    else if (word === "}") this.#depth = Math.max(0, this.#depth - 1);
    this.#last = word;
    this.#lastEnd = end;
    return begins;
  }

  /** `a/test` is no beginning. */
  #isInside(glued: boolean): boolean {
    return glued && this.#last === "/";
  }

  #opens(start: number, end: number): boolean {
    if (this.#last === "") return true;
    const dangling = unfinished.has(this.#last) || /^[,:=/{]$|>$/.test(this.#last);
    if (this.#depth === 0 && !dangling) return true;
    const beginsLine = this.#text.slice(this.#lastEnd, start).includes("\n");
    return beginsLine && this.#goesOnAsOpening(start, end);
  }

  /** Whether what follows the word could be the second word of such a sentence. */
  #goesOnAsOpening(start: number, end: number): boolean {
    const word = this.#text.slice(start, end);
    const next = /[^ \t]/.exec(this.#text.slice(end, end + 80))?.[0] ?? "";
    if (word === "use" || word === "test") return next === '"';
    if (word === "budget") return next === "{";
    return /[A-Za-z]/.test(next);
  }
}
