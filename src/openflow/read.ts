/**
 * Flows read from text: `ovs-ofctl dump-flows` in all its forms, files for `ovs-ofctl add-flows`, and the messages
 * that `ovs-ofctl parse-flows` and Open vSwitch's errors print. Nothing is thrown and nothing is dropped: what is
 * not understood is kept as text, and the flow says so.
 */

import type { Source, Span } from "../text/source.js";
import type { Action } from "./action.js";
import type { Flow } from "./flow.js";
import type { Match } from "./match.js";
import { defaultPriority } from "./print.js";
import { readActions, splitActions } from "./read-action.js";
import { MatchReader } from "./read-match.js";
import { type Piece, PieceScanner, partsBetween } from "./read-pieces.js";
import { readNumber, readSmallNumber } from "./read-value.js";

/** What a switch says of a flow beside the flow: each where the text says it. */
export interface FlowStatistics {
  readonly packets?: bigint;
  readonly bytes?: bigint;
  readonly durationSeconds?: number;
  readonly idleAgeSeconds?: number;
  readonly hardAgeSeconds?: number;
  readonly idleTimeoutSeconds?: number;
  readonly hardTimeoutSeconds?: number;
  readonly importance?: number;
  readonly flags: readonly string[];
}

export interface ReadFlow extends Flow {
  readonly span: Span;
  /** Its line, without surrounding space. */
  readonly text: string;
  /** False where some key, value or action is unknown: nothing may be concluded from such a flow. */
  readonly understood: boolean;
  readonly statistics: FlowStatistics;
  /** Every key, value and action with its place in the source. */
  readonly parts: readonly FlowPart[];
}

export interface FlowPart {
  readonly role: "head" | "match" | "action";
  readonly key: Span;
  readonly value?: Span;
}

/** A line that holds no flow. */
export interface FlowProblem {
  /** The last line, when it stops before its actions: the text was cut off. */
  readonly kind: "cut-short" | "not-a-flow";
  readonly span: Span;
}

export interface ReadFlows {
  readonly flows: readonly ReadFlow[];
  readonly problems: readonly FlowProblem[];
}

/** One line; undefined if it holds no flow. */
export function readFlow(text: string): ReadFlow | undefined {
  return readFlows({ name: "flow", text }).flows[0];
}

export function readFlows(source: Source): ReadFlows {
  const { text } = source;
  const reader = new LineReader(source);
  const flows: ReadFlow[] = [];
  const problems: FlowProblem[] = [];
  for (let start = 0; start < text.length; ) {
    const lineEnd = text.indexOf("\n", start);
    const next = lineEnd < 0 ? text.length : lineEnd + 1;
    let end = lineEnd < 0 ? text.length : lineEnd;
    while (start < end && isSpace(text.charCodeAt(start))) start++;
    while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
    if (start < end && text.charCodeAt(start) !== 35) {
      const flow = reader.read(start, end);
      if (flow !== undefined) flows.push(flow);
      else if (!isHeader(text.slice(start, end)))
        problems.push({
          kind: text.slice(next).trim() === "" && lineEnd < 0 ? "cut-short" : "not-a-flow",
          span: { source, start, end },
        });
    }
    start = next;
  }
  return { flows, problems };
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 13;
}

const header =
  /^(NXST_FLOW|OFPST_FLOW|NXST_FLOW_MONITOR)[ _].*:?$|^(usable|chosen) protocols?: |^flags=\[more\]$/;

function isHeader(line: string): boolean {
  return header.test(line);
}

/** Head keys that are not part of the match, to what they say. */
const headKeys: ReadonlyMap<string, HeadKey> = new Map([
  ["cookie", "cookie"],
  ["table", "table"],
  ["table_id", "table"],
  ["priority", "priority"],
  ["duration", "statistic"],
  ["n_packets", "statistic"],
  ["n_bytes", "statistic"],
  ["idle_age", "statistic"],
  ["hard_age", "statistic"],
  ["idle_timeout", "statistic"],
  ["hard_timeout", "statistic"],
  ["importance", "statistic"],
  // as OFPT_FLOW_MOD prints the three before
  ["idle", "statistic"],
  ["hard", "statistic"],
  ["send_flow_rem", "flag"],
  ["check_overlap", "flag"],
  ["reset_counts", "flag"],
  ["no_packet_counts", "flag"],
  ["no_byte_counts", "flag"],
]);

type HeadKey = "cookie" | "table" | "priority" | "statistic" | "flag";

/** `OFPT_FLOW_MOD (OF1.4) (xid=0x1): ADD `, and the `add ` of a bundle file. */
const messageHead = /^(?:(?:OFPT|NXT)_FLOW_MOD[^:]*: ADD(?:_STRICT)?|add) /;

/** Reads lines of one source; what it remembers makes the next ones quicker. */
class LineReader {
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
    let isUnderstood = true;
    const scanner = this.#scanner;
    scanner.begin(from, actionsAt);
    while (scanner.next()) {
      const key = scanner.key();
      switch (headKeys.get(key)) {
        case undefined:
          this.#matches.add(scanner.text(), key, scanner.value());
          break;
        case "priority": {
          const number = readSmallNumber(scanner.value() ?? "");
          if (number === undefined || number > 0xffff) isUnderstood = false;
          else priority = number;
          break;
        }
        case "table": {
          const number = readSmallNumber(scanner.value() ?? "");
          if (number === undefined || number > 255) isUnderstood = false;
          else table = number === 255 ? 0 : number;
          break;
        }
        case "cookie": {
          const value = this.#readCookie(scanner.value() ?? "");
          if (value === undefined) isUnderstood = false;
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
    if (match.unknown !== undefined) isUnderstood = false;
    if (isUnderstood) for (const { kind } of actions) if (kind === "unknown") isUnderstood = false;
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

const actionsKey = "actions=";

/** Where `actions=` begins, or -1: after a space or comma, and with something behind it. */
function actionsIn(text: string, start: number, end: number): number {
  let at = start;
  if (!text.startsWith(actionsKey, start)) {
    at = text.indexOf(" actions=", start);
    if (at < 0 || at >= end) at = text.indexOf(",actions=", start);
    if (at < 0 || at >= end) return -1;
    at++;
  }
  return at + actionsKey.length < end ? at : -1;
}

/** Behind the name of the message, if the line is one; undefined if it removes or changes flows. */
function headStart(text: string, start: number, end: number): number | undefined {
  const first = text.charCodeAt(start);
  // most lines begin with cookie=, table= or priority=
  if (first === 99 || first === 112 || first === 116) return start;
  const line = text.slice(start, end);
  const found = messageHead.exec(line);
  if (found !== null) return start + found[0].length;
  return /^(OFPT|NXT)_|^(delete|delete_strict|modify|modify_strict) |\|/.test(line)
    ? undefined
    : start;
}

class FlowLine implements ReadFlow {
  readonly #source: Source;
  readonly #start: number;
  readonly #end: number;
  readonly table: number;
  readonly priority: number;
  readonly cookie: bigint;
  readonly match: Match;
  readonly actions: readonly Action[];
  readonly understood: boolean;

  constructor(
    source: Source,
    start: number,
    end: number,
    table: number,
    priority: number,
    cookie: bigint,
    match: Match,
    actions: readonly Action[],
    understood: boolean,
  ) {
    this.#source = source;
    this.#start = start;
    this.#end = end;
    this.table = table;
    this.priority = priority;
    this.cookie = cookie;
    this.match = match;
    this.actions = actions;
    this.understood = understood;
  }

  get span(): Span {
    return { source: this.#source, start: this.#start, end: this.#end };
  }

  get text(): string {
    return this.#source.text.slice(this.#start, this.#end);
  }

  get statistics(): FlowStatistics {
    return statisticsOf(this.#pieces());
  }

  get parts(): readonly FlowPart[] {
    const parts: FlowPart[] = this.#pieces().map(({ key, keySpan, valueSpan }) => ({
      role: headKeys.has(key) ? "head" : "match",
      key: keySpan,
      ...(valueSpan === undefined ? {} : { value: valueSpan }),
    }));
    const { text } = this.#source;
    let at = actionsIn(text, this.#start, this.#end) + actionsKey.length;
    for (const action of splitActions(text.slice(at, this.#end))) {
      parts.push(actionPart(this.#source, at, action));
      at += action.length + 1;
    }
    return parts;
  }

  #pieces(): Piece[] {
    const { text } = this.#source;
    const end = actionsIn(text, this.#start, this.#end);
    return partsBetween(this.#source, headStart(text, this.#start, end) ?? this.#start, end);
  }
}

function actionPart(source: Source, start: number, action: string): FlowPart {
  const end = start + action.length;
  const separator = action.startsWith('"') ? -1 : action.search(/[:(]/);
  if (separator < 0) return { role: "action", key: { source, start, end } };
  const isCall = action.charAt(separator) === "(" && action.endsWith(")");
  return {
    role: "action",
    key: { source, start, end: start + separator },
    value: { source, start: start + separator + 1, end: isCall ? end - 1 : end },
  };
}

function statisticsOf(pieces: readonly Piece[]): FlowStatistics {
  const values = new Map<string, string>();
  const flags: string[] = [];
  for (const { key, value } of pieces)
    if (headKeys.get(key) === "flag") flags.push(key);
    else if (value !== undefined) values.set(key, value);
  const number = (...keys: string[]): number | undefined => {
    for (const key of keys) {
      const found = /^[0-9]+(\.[0-9]+)?(?=s?$)/.exec(values.get(key) ?? "");
      if (found !== null) return Number(found[0]);
    }
    return undefined;
  };
  return withoutUndefined({
    packets: readNumber(values.get("n_packets") ?? ""),
    bytes: readNumber(values.get("n_bytes") ?? ""),
    durationSeconds: number("duration"),
    idleAgeSeconds: number("idle_age"),
    hardAgeSeconds: number("hard_age"),
    idleTimeoutSeconds: number("idle_timeout", "idle"),
    hardTimeoutSeconds: number("hard_timeout", "hard"),
    importance: number("importance"),
    flags,
  });
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined),
  ) as Defined<T>;
}
