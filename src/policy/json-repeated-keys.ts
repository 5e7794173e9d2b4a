/** Keys that one object of a JSON text says twice: JSON.parse keeps the last of them without a word. */

export interface RepeatedKey {
  readonly key: string;
  /** Where its string begins and ends, quotes included. */
  readonly start: number;
  readonly end: number;
  readonly firstStart: number;
  readonly firstEnd: number;
}

/** From so many keys on, an object's are looked up in a map: below, comparing them costs less. */
const many = 16;

const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;
const opening = 0x7b;
const closing = 0x7d;

/** In the order of the text, at any depth. Invariant: the text is valid JSON. */
export function repeatedKeys(text: string): RepeatedKey[] {
  const repeated: RepeatedKey[] = [];
  const keys = new OpenKeys(text);
  let start = 0;
  let end = 0;
  let isEscaped = false;
  // a fleet's text has tens of millions of characters: they are looked at once, and nothing is made of them
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === quote) {
      start = at++;
      isEscaped = false;
      for (let inside = text.charCodeAt(at); inside !== quote; inside = text.charCodeAt(++at))
        if (inside === backslash) {
          isEscaped = true;
          at++;
        }
      end = at + 1;
    } else if (character === colon) {
      // the string before a colon is a key, and no other string is
      const first = keys.add(start, end, isEscaped);
      if (first === undefined) continue;
      const key = keyOf(text, start, end);
      repeated.push({ key, start, end, firstStart: first.start, firstEnd: first.end });
    } else if (character === opening) keys.open();
    else if (character === closing) keys.close();
  }
  return repeated;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** The keys of all objects that are open, the innermost object's last. */
class OpenKeys {
  readonly #text: string;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #count = 0;
  /** Of each open object: where its keys begin in the two lists. */
  readonly #bases: number[] = [];
  /** Of each open object that has many keys, or one whose characters are not the key's own. */
  readonly #maps: (Map<string, Place> | undefined)[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  open(): void {
    this.#bases.push(this.#count);
    this.#maps.push(undefined);
  }

  close(): void {
    this.#count = this.#bases.pop() ?? 0;
    this.#maps.pop();
  }

  /** The first of the same keys, unless this is it. */
  add(start: number, end: number, isEscaped: boolean): Place | undefined {
    const base = this.#bases.at(-1) ?? 0;
    const depth = this.#maps.length - 1;
    let map = this.#maps[depth];
    if (map === undefined && (isEscaped || this.#count - base >= many)) {
      map = this.#mapFrom(base);
      this.#maps[depth] = map;
    }
    if (map !== undefined) {
      const key = keyOf(this.#text, start, end);
      const first = map.get(key);
      if (first === undefined) map.set(key, { start, end });
      return first;
    }
    for (let index = base; index < this.#count; index++)
      if (this.#isAt(index, start, end))
        return { start: this.#starts[index] as number, end: this.#ends[index] as number };
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#count++;
    return undefined;
  }

  #isAt(index: number, start: number, end: number): boolean {
    const other = this.#starts[index] as number;
    const length = end - start;
    if ((this.#ends[index] as number) - other !== length) return false;
    for (let at = 1; at < length; at++)
      if (this.#text.charCodeAt(other + at) !== this.#text.charCodeAt(start + at)) return false;
    return true;
  }

  #mapFrom(base: number): Map<string, Place> {
    const map = new Map<string, Place>();
    for (let index = base; index < this.#count; index++) {
      const start = this.#starts[index] as number;
      const end = this.#ends[index] as number;
      map.set(keyOf(this.#text, start, end), { start, end });
    }
    return map;
  }
}

/** Equal keys may be written otherwise: `"a"`, `"\u0061"`. */
function keyOf(text: string, start: number, end: number): string {
  return String(JSON.parse(text.slice(start, end)));
}
