/**
 * Where the parts of every line of a dump stand. The numbers of all lines are in two arrays: a hundred thousand objects of
 * twenty numbers each would be copied by every collection of garbage that they live through.
 */

import type { Source } from "../text/source.js";
import type { DatapathAction, DatapathMatch, NotUnderstood } from "./megaflow.js";
import type { ActionReader } from "./read-actions.js";
import type { MatchReader } from "./read-match.js";

/** What a line's match and actions say. */
export interface Interpretation {
  readonly line: number;
  readonly match: DatapathMatch;
  readonly actions: readonly DatapathAction[];
  readonly notUnderstood: readonly NotUnderstood[];
}

/** A start, and behind it an end (exclusive), for each part of a line. */
export const part = {
  line: 0,
  ufid: 2,
  match: 4,
  used: 6,
  flags: 8,
  offloaded: 10,
  layer: 12,
  actions: 14,
  extraInfo: 16,
  /** All that follows the match. */
  attributes: 18,
} as const;

export type Part = (typeof part)[keyof typeof part];

const places = 20;
export const absent = -1;

/** Attributes that carry counts of vendors' builds: kept, and no reason to doubt the rest of the line. */
const vendorCounters: ReadonlySet<string> = new Set([
  "offload_packets",
  "offload_bytes",
  "dpe_packets",
  "dpe_bytes",
]);

/** Of one text. The last line is the one that is being read. */
export class LineTable {
  readonly source: Source;
  private readonly matches: MatchReader;
  private readonly actions: ActionReader;
  private offsets = new Int32Array(64 * places).fill(absent);
  private packetCounts = new Float64Array(64);
  private byteCounts = new Float64Array(64);
  private length = 0;
  private readonly doubts = new Map<number, NotUnderstood[]>();
  private latest: Interpretation | undefined;

  constructor(source: Source, matches: MatchReader, actions: ActionReader) {
    this.source = source;
    this.matches = matches;
    this.actions = actions;
  }

  /** Begins a line without parts and counts; gives its number. */
  begin(): number {
    if (this.length === this.packetCounts.length) this.grow();
    return this.length++;
  }

  /** The last line is no megaflow. */
  giveUp(): void {
    const line = --this.length;
    this.offsets.fill(absent, line * places, (line + 1) * places);
    this.packetCounts[line] = 0;
    this.byteCounts[line] = 0;
    this.doubts.delete(line);
  }

  startOf(line: number, of: Part): number {
    return this.offsets[line * places + of] ?? absent;
  }

  endOf(line: number, of: Part): number {
    return this.offsets[line * places + of + 1] ?? absent;
  }

  /** Undefined for a part that the line lacks. */
  textOf(line: number, of: Part): string | undefined {
    const start = this.startOf(line, of);
    return start === absent ? undefined : this.source.text.slice(start, this.endOf(line, of));
  }

  packetsOf(line: number): number {
    return this.packetCounts[line] ?? 0;
  }

  bytesOf(line: number): number {
    return this.byteCounts[line] ?? 0;
  }

  /** Of the last line. */
  setPlace(of: Part, start: number, end: number): void {
    const at = (this.length - 1) * places + of;
    this.offsets[at] = start;
    this.offsets[at + 1] = end;
  }

  /** Of the last line: each `key:value` in the order of the text. What stands twice counts where it stands first. */
  addAttribute(keyStart: number, keyEnd: number, valueStart: number, end: number): void {
    const { text } = this.source;
    const line = this.length - 1;
    switch (keyEnd - keyStart) {
      case 2:
        if (text.startsWith("dp", keyStart) && this.add(part.layer, valueStart, end)) return;
        break;
      case 4:
        if (text.startsWith("used", keyStart) && this.add(part.used, valueStart, end)) return;
        break;
      case 5:
        if (text.startsWith("bytes", keyStart)) {
          this.byteCounts[line] = this.readCount(keyStart, valueStart, end);
          return;
        }
        if (text.startsWith("flags", keyStart) && this.add(part.flags, valueStart, end)) return;
        break;
      case 7:
        if (text.startsWith("packets", keyStart)) {
          this.packetCounts[line] = this.readCount(keyStart, valueStart, end);
          return;
        }
        if (text.startsWith("actions", keyStart) && this.add(part.actions, valueStart, end)) return;
        break;
      case 9:
        if (text.startsWith("offloaded", keyStart) && this.add(part.offloaded, valueStart, end)) {
          if (!text.startsWith("yes", valueStart) && !text.startsWith("partial", valueStart))
            this.doubt(keyStart, end);
          return;
        }
        break;
      case 13:
        if (text.startsWith("dp-extra-info", keyStart) && this.add(part.extraInfo, valueStart, end))
          return;
        break;
    }
    if (!vendorCounters.has(text.slice(keyStart, keyEnd))) this.doubt(keyStart, end);
  }

  /**
   * Lines are looked at one after the other, and reading one again is quicker than it is for the garbage collector to carry
   * along the fields of a hundred thousand: only the latest is kept.
   */
  interpret(line: number): Interpretation {
    if (this.latest?.line === line) return this.latest;
    const matched = this.matches.read(this.startOf(line, part.match), this.endOf(line, part.match));
    const { match, notUnderstood } = matched;
    notUnderstood.push(...(this.doubts.get(line) ?? []));
    const [start, end] = [this.startOf(line, part.actions), this.endOf(line, part.actions)];
    const actions = this.actions.read(start, end, notUnderstood);
    this.latest = { line, match, actions, notUnderstood };
    return this.latest;
  }

  /** False where the line has the part already. */
  private add(of: Part, start: number, end: number): boolean {
    const at = (this.length - 1) * places + of;
    if (this.offsets[at] !== absent) return false;
    this.offsets[at] = start;
    this.offsets[at + 1] = end;
    return true;
  }

  private readCount(keyStart: number, start: number, end: number): number {
    const { text } = this.source;
    let count = 0;
    for (let at = start; at < end; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) {
        this.doubt(keyStart, end);
        return 0;
      }
      count = count * 10 + digit;
    }
    return count;
  }

  private doubt(start: number, end: number): void {
    const line = this.length - 1;
    const text = this.source.text.slice(start, end);
    const known = this.doubts.get(line) ?? [];
    known.push({ part: "attribute", text, place: { start, end } });
    this.doubts.set(line, known);
  }

  private grow(): void {
    const offsets = new Int32Array(2 * this.offsets.length);
    offsets.set(this.offsets);
    offsets.fill(absent, this.offsets.length);
    this.offsets = offsets;
    this.packetCounts = doubled(this.packetCounts);
    this.byteCounts = doubled(this.byteCounts);
  }
}

function doubled(counts: Float64Array): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(2 * counts.length);
  wider.set(counts);
  return wider;
}
