/** The first place where a text stops being JSON (RFC 8259): JSON.parse does not always say where. */

export interface JsonMistake {
  readonly start: number;
  readonly end: number;
  readonly problem: string;
}

const space = /[ \t\n\r]*/y;
const string = /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const plain = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const word = /[\w.+-]+|"[^"\n]*"?|[\s\S]/y;

type Wanted = "value" | "key" | "colon" | "comma or end" | "first or end" | "nothing";

const words: Record<Wanted, (inside: string | undefined) => string> = {
  value: () => "a value",
  key: () => "a key in double quotes",
  colon: () => "`:`",
  "comma or end": (inside) => (inside === "{" ? "`,` or `}`" : "`,` or `]`"),
  "first or end": (inside) => (inside === "{" ? "a key in double quotes or `}`" : "a value or `]`"),
  nothing: () => "nothing more",
};

/** Undefined of valid JSON. */
export function findJsonMistake(text: string): JsonMistake | undefined {
  const open: ("{" | "[")[] = [];
  let wanted: Wanted = "value";
  let at = 0;
  const read = (token: RegExp): boolean => {
    token.lastIndex = at;
    const found = token.exec(text);
    if (found !== null) at = token.lastIndex;
    return found !== null;
  };
  const accept = (): Wanted | undefined => {
    const inside = open.at(-1);
    const next = text[at];
    const mayEnd = wanted === "comma or end" || wanted === "first or end";
    if (mayEnd && next === (inside === "{" ? "}" : "]")) {
      at++;
      open.pop();
      return open.length === 0 ? "nothing" : "comma or end";
    }
    if (wanted === "comma or end" || wanted === "colon") {
      if (next !== (wanted === "colon" ? ":" : ",")) return undefined;
      at++;
      return wanted === "colon" || inside === "[" ? "value" : "key";
    }
    if (wanted === "key" || (wanted === "first or end" && inside === "{"))
      return read(string) ? "colon" : undefined;
    if (wanted === "nothing") return undefined;
    if (next === "{" || next === "[") {
      at++;
      open.push(next);
      return "first or end";
    }
    if (!read(string) && !read(plain)) return undefined;
    return open.length === 0 ? "nothing" : "comma or end";
  };

  for (;;) {
    read(space);
    if (at >= text.length && wanted === "nothing") return undefined;
    const next = at >= text.length ? undefined : accept();
    if (next === undefined) return mistake(text, at, words[wanted](open.at(-1)));
    wanted = next;
  }
}

function mistake(text: string, at: number, expected: string): JsonMistake {
  if (at >= text.length) {
    const end = text.trimEnd().length;
    return { start: Math.max(0, end - 1), end, problem: `expected ${expected}, found the end` };
  }
  word.lastIndex = at;
  const found = word.exec(text)?.[0] ?? "";
  return { start: at, end: at + found.length, problem: `expected ${expected}, found \`${found}\`` };
}
