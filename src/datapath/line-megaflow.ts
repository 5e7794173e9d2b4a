/** A megaflow over the line it was read from: places first, values when first asked for. */

import type { Source } from "../text/source.js";
import { attributesIn, type Item } from "./item.js";
import type { DatapathAction, DatapathMatch, Megaflow, NotUnderstood, Place } from "./megaflow.js";
import type { ActionReader } from "./read-actions.js";
import type { MatchReader } from "./read-match.js";

const absent = -1;

/** Attributes that carry counts of vendors' builds: kept, and no reason to doubt the rest of the line. */
const vendorCounters: ReadonlySet<string> = new Set([
  "offload_packets",
  "offload_bytes",
  "dpe_packets",
  "dpe_bytes",
]);

/** What a line's match and actions say. */
interface Interpretation {
  readonly of: LineMegaflow;
  readonly match: DatapathMatch;
  readonly actions: readonly DatapathAction[];
  readonly notUnderstood: readonly NotUnderstood[];
}

/** Of one text, shared by its megaflows. */
export interface Readers {
  readonly match: MatchReader;
  readonly actions: ActionReader;
  /**
   * Megaflows are looked at one after the other, and reading one again is quicker than it is for the garbage collector
   * to carry along the fields of a hundred thousand.
   */
  latest?: Interpretation;
}

export class LineMegaflow implements Megaflow {
  readonly source: Source;
  readonly #readers: Readers;
  readonly #start: number;
  readonly #end: number;
  readonly #ufidEnd: number;
  readonly #matchStart: number;
  readonly #matchEnd: number;
  packets = 0;
  bytes = 0;
  #attributesStart = absent;
  #usedStart = absent;
  #usedEnd = absent;
  #flagsStart = absent;
  #flagsEnd = absent;
  #offloadedStart = absent;
  #offloadedEnd = absent;
  #layerStart = absent;
  #layerEnd = absent;
  #actionsStart = absent;
  #actionsEnd = absent;
  #extraStart = absent;
  #extraEnd = absent;
  #doubts: NotUnderstood[] | undefined;

  constructor(
    source: Source,
    readers: Readers,
    start: number,
    end: number,
    ufidEnd: number,
    matchStart: number,
    matchEnd: number,
  ) {
    this.source = source;
    this.#readers = readers;
    this.#start = start;
    this.#end = end;
    this.#ufidEnd = ufidEnd;
    this.#matchStart = matchStart;
    this.#matchEnd = matchEnd;
  }

  /** Called by the reader, once for each `key:value` in the order of the text. */
  addAttribute(keyStart: number, keyEnd: number, valueStart: number, end: number): void {
    const { text } = this.source;
    if (this.#attributesStart === absent) this.#attributesStart = keyStart;
    switch (keyEnd - keyStart) {
      case 2:
        if (this.#layerStart === absent && text.startsWith("dp", keyStart)) {
          this.#layerStart = valueStart;
          this.#layerEnd = end;
          return;
        }
        break;
      case 4:
        if (this.#usedStart === absent && text.startsWith("used", keyStart)) {
          this.#usedStart = valueStart;
          this.#usedEnd = end;
          return;
        }
        break;
      case 5:
        if (text.startsWith("bytes", keyStart)) {
          this.bytes = this.#count(keyStart, valueStart, end);
          return;
        }
        if (this.#flagsStart === absent && text.startsWith("flags", keyStart)) {
          this.#flagsStart = valueStart;
          this.#flagsEnd = end;
          return;
        }
        break;
      case 7:
        if (text.startsWith("packets", keyStart)) {
          this.packets = this.#count(keyStart, valueStart, end);
          return;
        }
        if (this.#actionsStart === absent && text.startsWith("actions", keyStart)) {
          this.#actionsStart = valueStart;
          this.#actionsEnd = end;
          return;
        }
        break;
      case 9:
        if (this.#offloadedStart === absent && text.startsWith("offloaded", keyStart)) {
          this.#offloadedStart = valueStart;
          this.#offloadedEnd = end;
          if (!text.startsWith("yes", valueStart) && !text.startsWith("partial", valueStart))
            this.#doubt(keyStart, end);
          return;
        }
        break;
      case 13:
        if (this.#extraStart === absent && text.startsWith("dp-extra-info", keyStart)) {
          this.#extraStart = valueStart;
          this.#extraEnd = end;
          return;
        }
        break;
    }
    if (!vendorCounters.has(text.slice(keyStart, keyEnd))) this.#doubt(keyStart, end);
  }

  hasActions(): boolean {
    return this.#actionsStart !== absent && this.#actionsEnd > this.#actionsStart;
  }

  get place(): Place {
    return { start: this.#start, end: this.#end };
  }

  get ufid(): string | undefined {
    return this.#ufidEnd > this.#start
      ? this.source.text.slice(this.#start + 5, this.#ufidEnd)
      : undefined;
  }

  get usedSeconds(): number | undefined {
    const text = this.#slice(this.#usedStart, this.#usedEnd);
    if (text === undefined || text === "never") return undefined;
    const seconds = Number.parseFloat(text);
    return Number.isFinite(seconds) ? seconds : undefined;
  }

  get flags(): string | undefined {
    return this.#slice(this.#flagsStart, this.#flagsEnd);
  }

  get offloaded(): "yes" | "partial" | undefined {
    const text = this.#slice(this.#offloadedStart, this.#offloadedEnd);
    return text === "yes" || text === "partial" ? text : undefined;
  }

  get layer(): string | undefined {
    return this.#slice(this.#layerStart, this.#layerEnd);
  }

  get extraInfo(): string | undefined {
    return this.#slice(this.#extraStart, this.#extraEnd);
  }

  get match(): DatapathMatch {
    return this.#interpret().match;
  }

  get actions(): readonly DatapathAction[] {
    return this.#interpret().actions;
  }

  get attributes(): readonly Item[] {
    if (this.#attributesStart === absent) return [];
    const { text } = this.source;
    return [
      ...attributesIn(text, this.#attributesStart, this.#actionsStart),
      ...attributesIn(text, this.#actionsEnd, this.#end),
    ];
  }

  get notUnderstood(): readonly NotUnderstood[] {
    return this.#interpret().notUnderstood;
  }

  #interpret(): Interpretation {
    const { latest } = this.#readers;
    if (latest?.of === this) return latest;
    const { match, notUnderstood } = this.#readers.match.read(this.#matchStart, this.#matchEnd);
    if (this.#doubts !== undefined) notUnderstood.push(...this.#doubts);
    const actions = this.#readers.actions.read(this.#actionsStart, this.#actionsEnd, notUnderstood);
    this.#readers.latest = { of: this, match, actions, notUnderstood };
    return this.#readers.latest;
  }

  #slice(start: number, end: number): string | undefined {
    return start === absent ? undefined : this.source.text.slice(start, end);
  }

  #count(keyStart: number, start: number, end: number): number {
    let count = 0;
    for (let at = start; at < end; at++) {
      const digit = this.source.text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) {
        this.#doubt(keyStart, end);
        return 0;
      }
      count = count * 10 + digit;
    }
    return count;
  }

  #doubt(start: number, end: number): void {
    this.#doubts ??= [];
    this.#doubts.push({
      part: "attribute",
      text: this.source.text.slice(start, end),
      place: { start, end },
    });
  }
}
