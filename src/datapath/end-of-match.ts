/** Where the match of a line ends and its attributes begin: `…,udp(src=0/0,dst=4791), packets:3, …`. */

import type { LineProblem } from "./megaflow.js";
import { unclosed } from "./read-key.js";

const open = 40;
const close = 41;
const comma = 44;
const colon = 58;
const space = 32;

/** What stands first behind the match (dpctl.c, format_dpif_flow(); dpif.c, dpif_flow_stats_format()). */
const firstAttribute = "packets:";

export class MatchEnds {
  private readonly text: string;
  /** The first `firstAttribute` behind all lines that were asked for so far. */
  private next = -1;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * The comma behind the match, or `start` where there is no match. That its brackets close is seen to by who reads them:
   * looking for a word is much quicker than looking at every character.
   */
  endOf(start: number, end: number): number | LineProblem["kind"] {
    const { text } = this;
    if (this.next < start) {
      const found = text.indexOf(firstAttribute, start);
      this.next = found < 0 ? text.length : found;
    }
    const behind = this.next - 2;
    const isUsual =
      this.next < end &&
      behind > start &&
      text.charCodeAt(behind + 1) === space &&
      text.charCodeAt(behind) === comma &&
      text.charCodeAt(behind - 1) === close;
    return isUsual ? behind : this.scan(start, end, -1);
  }

  /** The first colon outside brackets ends the match: it belongs to the first attribute. */
  private scan(start: number, end: number, ignored: number): number | LineProblem["kind"] {
    const { text } = this;
    let matchEnd = start;
    let depth = 0;
    for (let at = start; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code > colon) continue;
      if (code === open) {
        if (at !== ignored) depth++;
      } else if (code === close) {
        if (depth-- === 0) return "unbalanced";
      } else if (depth > 0) continue;
      else if (code === comma) matchEnd = at;
      else if (code === colon) return matchEnd;
    }
    const slip = ignored < 0 && depth > 0 ? text.slice(start, end).indexOf(unclosed) : -1;
    return slip < 0 ? "truncated" : this.scan(start, end, start + slip + "mpls".length);
  }
}
