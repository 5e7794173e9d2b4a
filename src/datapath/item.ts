/**
 * The key/value tree of datapath text: `key(value)`, `key=value`, `{value}` or a bare value, between commas. Every
 * key and value keeps its place, so that a finding can underline the dump.
 */

/** Offsets into the text that was read; `start` to `end` (exclusive) is the whole item. */
export interface Item {
  /** Empty for a bare value and for braces. */
  readonly key: string;
  readonly form: "bare" | "call" | "equals" | "braces";
  readonly start: number;
  readonly end: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

const comma = 44;
const open = 40;
const close = 41;
const equals = 61;
const openBrace = 123;
const closeBrace = 125;
const space = 32;

/** The items between commas of that part of the text. Never fails: what has no shape is a bare value. */
export function itemsIn(text: string, start: number, end: number): Item[] {
  const items: Item[] = [];
  let depth = 0;
  let first = start;
  let keyEnd = -1;
  for (let at = start; at <= end; at++) {
    const code = at < end ? text.charCodeAt(at) : comma;
    if (depth === 0 || at === end) {
      if (code === comma) {
        if (at > first || end > start) items.push(itemOf(text, first, at, keyEnd));
        first = at + 1;
        keyEnd = -1;
        continue;
      }
      if (keyEnd < 0 && (code === open || code === equals || code === openBrace)) keyEnd = at;
    }
    if (code === open || code === openBrace) depth++;
    else if ((code === close || code === closeBrace) && depth > 0) depth--;
  }
  return items;
}

/** What follows a match: `packets:3, used:0.1s, dp:tc`; an `actions:` whose value stands elsewhere is passed over. */
export function attributesIn(text: string, from: number, to: number): Item[] {
  const items: Item[] = [];
  for (const found of text.slice(from, to).matchAll(/([^:,\s]+):([^,]*\([^)]*\)|[^,]*)/g)) {
    const [whole, key = "", value = ""] = found;
    if (key === "actions" && value === "") continue;
    const start = from + found.index;
    const end = start + whole.length;
    items.push({ key, form: "bare", start, end, valueStart: end - value.length, valueEnd: end });
  }
  return items;
}

export function valueText(text: string, item: Item): string {
  return text.slice(item.valueStart, item.valueEnd);
}

/** The items inside `key(...)` or `{...}`. */
export function itemsOf(text: string, item: Item): Item[] {
  return itemsIn(text, item.valueStart, item.valueEnd);
}

function itemOf(text: string, from: number, to: number, keyEnd: number): Item {
  let start = from;
  let end = to;
  while (start < end && text.charCodeAt(start) === space) start++;
  while (end > start && text.charCodeAt(end - 1) === space) end--;
  if (keyEnd >= start) {
    const code = text.charCodeAt(keyEnd);
    const last = text.charCodeAt(end - 1);
    const key = text.slice(start, keyEnd);
    if (code === equals)
      return { key, form: "equals", start, end, valueStart: keyEnd + 1, valueEnd: end };
    if (code === open && last === close)
      return { key, form: "call", start, end, valueStart: keyEnd + 1, valueEnd: end - 1 };
    if (code === openBrace && keyEnd === start && last === closeBrace)
      return { key: "", form: "braces", start, end, valueStart: start + 1, valueEnd: end - 1 };
  }
  return { key: "", form: "bare", start, end, valueStart: start, valueEnd: end };
}
