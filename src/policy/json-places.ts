/** Where a value stands in JSON text that has been read already: looked up only when something is wrong with it. */

import type { Source, Span } from "../text/source.js";

export type JsonPath = readonly (string | number)[];

interface Member {
  readonly key: string | number;
  /** Of the key's own characters; of an array's member, the value's. */
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly start: number;
  readonly end: number;
}

/** Members of an object or array, by where it begins: a second problem in the same array costs no second scan. */
const known = new WeakMap<Source, Map<number, readonly Member[]>>();

/** The value at the path, or the nearest one around it that is there. Invariant: the text is valid JSON. */
export function valueSpan(source: Source, path: JsonPath): Span {
  return { source, ...placeOf(source, path) };
}

/** The key that the path ends with, or as near as there is. */
export function keySpan(source: Source, path: JsonPath): Span {
  const parent = placeOf(source, path.slice(0, -1));
  const member = memberAt(source, parent.start, path.at(-1));
  if (member === undefined) return { source, ...parent };
  return { source, start: member.keyStart, end: member.keyEnd };
}

function placeOf(source: Source, path: JsonPath): { start: number; end: number } {
  let place = { start: afterSpace(source.text, 0), end: source.text.trimEnd().length };
  for (const key of path) {
    const member = memberAt(source, place.start, key);
    if (member === undefined) break;
    place = { start: member.start, end: member.end };
  }
  return place;
}

function memberAt(source: Source, at: number, key: string | number | undefined) {
  const opening = source.text[at];
  if (opening !== "{" && opening !== "[") return undefined;
  let members = known.get(source);
  if (members === undefined) {
    members = new Map();
    known.set(source, members);
  }
  let own = members.get(at);
  if (own === undefined) {
    own = membersOf(source.text, at);
    members.set(at, own);
  }
  // JSON.parse keeps the last of equal keys
  return typeof key === "number" ? own[key] : own.findLast((member) => member.key === key);
}

function membersOf(text: string, opening: number): Member[] {
  const isObject = text[opening] === "{";
  const members: Member[] = [];
  let at = afterSpace(text, opening + 1);
  while (at < text.length && text[at] !== "}" && text[at] !== "]") {
    const keyStart = at;
    const keyEnd = isObject ? endOfValue(text, at) : at;
    if (isObject) at = afterSpace(text, afterSpace(text, keyEnd) + 1);
    const end = endOfValue(text, at);
    members.push(
      isObject
        ? {
            key: String(JSON.parse(text.slice(keyStart, keyEnd))),
            keyStart,
            keyEnd,
            start: at,
            end,
          }
        : { key: members.length, keyStart: at, keyEnd: end, start: at, end },
    );
    at = afterSpace(text, end);
    if (text[at] === ",") at = afterSpace(text, at + 1);
  }
  return members;
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; ) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === "{" || character === "[") {
      depth++;
      at++;
      continue;
    } else if (character === "}" || character === "]") {
      depth--;
      at++;
    } else if (depth === 0) return endOfWord(text, at);
    else {
      at++;
      continue;
    }
    if (depth === 0) return at;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function endOfWord(text: string, start: number): number {
  let at = start;
  while (at < text.length && /[\w+.-]/.test(text[at] as string)) at++;
  return at;
}

function afterSpace(text: string, start: number): number {
  let at = start;
  while (/\s/.test(text[at] ?? "")) at++;
  return at;
}
