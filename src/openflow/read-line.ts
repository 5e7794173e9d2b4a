/** One line of text to one flow. */

import type { Source } from "../text/source.js";
import type { Action } from "./action.js";
import { FlowLine, type ReadFlow } from "./flow-line.js";
import { actionsIn, actionsKey, headKeys, headStart } from "./line-layout.js";
import { defaultPriority } from "./print.js";
import { readActions } from "./read-action.js";
import { MatchReader } from "./read-match.js";
import { PieceScanner } from "./read-pieces.js";
import { readNumber, readSmallNumber } from "./read-value.js";

/** Reads lines of one source; what it remembers makes the next ones quicker. */
export class LineReader {
  readonly #source: Source;
  readonly #matches = new MatchReader();
  readonly #actions = new Map<string, readonly Action[]>();
  readonly #scanner: PieceScanner;
  #cookieText = "";
  #cookie = 0n;

  constructor(source: Source) {
    this.#source = source;
    this.#scanner = new PieceScanner(source.text);
  }

  read(start: number, end: number): ReadFlow | undefined {
    const { text } = this.#source;
    const actionsAt = actionsIn(text, start, end);
    if (actionsAt < 0) return undefined;
    const from = headStart(text, start, actionsAt);
    if (from === undefined) return undefined;
    let table = 0;
    let priority = defaultPriority;
    let cookie = 0n;
    const scanner = this.#scanner;
    scanner.begin(from, actionsAt);
    while (scanner.next()) {
      const key = scanner.key();
      switch (headKeys.get(key)) {
        case undefined:
          this.#keep(key);
          break;
        case "priority": {
          const number = readSmallNumber(scanner.value() ?? "");
          // more than OpenFlow's 65535 has what Open vSwitch makes by itself (`ovs-appctl bridge/dump-flows`)
          if (number === undefined || number > 0x7fffffff) this.#keep(key);
          else priority = number;
          break;
        }
        case "table": {
          const number = readSmallNumber(scanner.value() ?? "");
          if (number === undefined || number > 255) this.#keep(key);
          else table = number === 255 ? 0 : number;
          break;
        }
        case "cookie": {
          const value = this.#readCookie(scanner.value() ?? "");
          if (value === undefined) this.#keep(key);
          else cookie = value;
          break;
        }
        case "statistic":
        case "flag":
          break;
      }
    }
    const match = this.#matches.finish();
    const actions = this.#readActions(text.slice(actionsAt + actionsKey.length, end));
    let isUnderstood = match.unknown === undefined;
    for (const { kind } of actions) if (kind === "unknown") isUnderstood = false;
    return new FlowLine(
      this.#source,
      start,
      end,
      table,
      priority,
      cookie,
      match,
      actions,
      isUnderstood,
    );
  }

  /** For the match: where it is no match either, the match remembers that it is not understood. */
  #keep(key: string): void {
    this.#matches.add(this.#scanner.text(), key, this.#scanner.value());
  }

  #readCookie(text: string): bigint | undefined {
    if (text === this.#cookieText) return this.#cookie;
    const value = readNumber(text);
    if (value === undefined || value >> 64n !== 0n) return undefined;
    this.#cookieText = text;
    this.#cookie = value;
    return value;
  }

  #readActions(text: string): readonly Action[] {
    const known = this.#actions.get(text);
    if (known !== undefined) return known;
    if (this.#actions.size >= 20_000) this.#actions.clear();
    const actions = readActions(text);
    this.#actions.set(text, actions);
    return actions;
  }
}
