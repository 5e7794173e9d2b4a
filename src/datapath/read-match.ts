/** The matches of one text. What stands in many lines alike, such as `skb_mark(0/0)`, is read once. */

import type { Port } from "../openflow/match.js";
import { type Item, itemsIn } from "./item.js";
import type { DatapathField, DatapathMatch, NotUnderstood, Place } from "./megaflow.js";
import { KeyReader } from "./read-key.js";
import { Remembered } from "./remembered.js";

export interface MatchReading {
  readonly match: DatapathMatch;
  readonly notUnderstood: NotUnderstood[];
}

/** One `key(…)`. It says the same wherever it stands. */
interface Part {
  readonly text: string;
  readonly fields: readonly DatapathField[];
  readonly inPort: Port | undefined;
  /** What came after it the last time: mostly it will again, and need not be looked up. */
  next: Part | undefined;
}

/** Longer parts hold addresses, of which nearly every line has its own. */
const longestPart = 36;

/** The one kind of part that may lack a bracket (see read-key.ts): where it ends depends on the line. */
const unclosed = "mpls((";

const comma = 44;

export class MatchReader {
  private readonly text: string;
  private readonly keys: KeyReader;
  private readonly parts = new Remembered<Part>();
  private readonly beginning: Part = { text: "", fields: [], inPort: undefined, next: undefined };

  constructor(text: string) {
    this.text = text;
    this.keys = new KeyReader(text);
  }

  read(start: number, end: number): MatchReading {
    const notUnderstood: NotUnderstood[] = [];
    const fields = this.readFields(start, end, notUnderstood);
    return { match: new LineMatch(this, this.keys.inPort, fields, start, end), notUnderstood };
  }

  /** The fields of `key(…),key(…)`: of a match, or of what stands inside `set(…)`. */
  readFields(start: number, end: number, notUnderstood: NotUnderstood[]): readonly DatapathField[] {
    const { keys } = this;
    keys.begin(notUnderstood);
    let last = this.beginning;
    for (let at = start; at < end; ) {
      let part = last.next;
      if (part === undefined || !this.standsAt(part.text, at, end)) {
        const next = keys.endOfItem(at, end);
        part = this.readPart(at, next);
        if (part === undefined) {
          at = next + 1;
          continue;
        }
        last.next = part;
      }
      for (const field of part.fields) keys.fields.push(field);
      keys.inPort = part.inPort ?? keys.inPort;
      at += part.text.length + 1;
      last = part;
    }
    return keys.fields;
  }

  /** Where the fields of `readFields` stand, in their order. */
  placesOf(start: number, end: number): readonly Place[] {
    const places: Place[] = [];
    this.keys.begin([], places);
    this.keys.readKeys(start, end, "");
    return places;
  }

  itemsOf(start: number, end: number): readonly Item[] {
    return itemsIn(this.text, start, end);
  }

  /** A part to be shared; what is not to be shared is added to the fields at once. */
  private readPart(start: number, end: number): Part | undefined {
    const { keys } = this;
    if (end - start > longestPart || end === start) {
      if (end > start) keys.readItem(start, end, "");
      return undefined;
    }
    const text = this.text.slice(start, end);
    const known = this.parts.get(text);
    if (known !== undefined) return known;
    const before = keys.fields.length;
    const doubts = keys.notUnderstood.length;
    keys.readItem(start, end, "");
    // a doubt has its own place in every line
    if (keys.notUnderstood.length > doubts || text.startsWith(unclosed)) return undefined;
    const fields = keys.fields.splice(before);
    const inPort = text.startsWith("in_port(") ? keys.inPort : undefined;
    const part = { text, fields, inPort, next: undefined };
    this.parts.set(text, part);
    return part;
  }

  private standsAt(text: string, start: number, end: number): boolean {
    const next = start + text.length;
    return (
      this.text.startsWith(text, start) &&
      (next === end || (next < end && this.text.charCodeAt(next) === comma))
    );
  }
}

class LineMatch implements DatapathMatch {
  readonly recircId: number;
  readonly inPort: Port | undefined;
  readonly fields: readonly DatapathField[];
  private readonly reader: MatchReader;
  private readonly start: number;
  private readonly end: number;

  constructor(
    reader: MatchReader,
    inPort: Port | undefined,
    fields: readonly DatapathField[],
    start: number,
    end: number,
  ) {
    this.reader = reader;
    this.recircId = Number(fields.find(({ name }) => name === "recirc_id")?.value ?? 0n);
    this.inPort = inPort;
    this.fields = fields;
    this.start = start;
    this.end = end;
  }

  placeOf(index: number): Place | undefined {
    return index < 0 ? undefined : this.reader.placesOf(this.start, this.end)[index];
  }

  get items(): readonly Item[] {
    return this.reader.itemsOf(this.start, this.end);
  }
}
