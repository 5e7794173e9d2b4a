/** A flow with the line it was read from; what is asked for rarely is read again from the text when asked. */

import type { Source, Span } from "../text/source.js";
import type { Action } from "./action.js";
import type { Flow } from "./flow.js";
import { type FlowStatistics, statisticsOf } from "./flow-statistics.js";
import { actionsIn, actionsKey, headKeys, headStart } from "./line-layout.js";
import type { Match } from "./match.js";
import { splitActions } from "./read-action.js";
import { type Piece, partsBetween } from "./read-pieces.js";

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

export class FlowLine implements ReadFlow {
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
