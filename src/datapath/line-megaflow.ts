/** A megaflow over the line it was read from: places first, values when first asked for. */

import type { Source } from "../text/source.js";
import { attributesIn, type Item } from "./item.js";
import { absent, type LineTable, part } from "./line-table.js";
import type { DatapathAction, DatapathMatch, Megaflow, NotUnderstood, Place } from "./megaflow.js";

export class LineMegaflow implements Megaflow {
  readonly #table: LineTable;
  readonly #line: number;

  constructor(table: LineTable, line: number) {
    this.#table = table;
    this.#line = line;
  }

  get source(): Source {
    return this.#table.source;
  }

  get place(): Place {
    return {
      start: this.#table.startOf(this.#line, part.line),
      end: this.#table.endOf(this.#line, part.line),
    };
  }

  get ufid(): string | undefined {
    return this.#table.textOf(this.#line, part.ufid);
  }

  get packets(): number {
    return this.#table.packetsOf(this.#line);
  }

  get bytes(): number {
    return this.#table.bytesOf(this.#line);
  }

  get usedSeconds(): number | undefined {
    const text = this.#table.textOf(this.#line, part.used);
    if (text === undefined || text === "never") return undefined;
    const seconds = Number.parseFloat(text);
    return Number.isFinite(seconds) ? seconds : undefined;
  }

  get flags(): string | undefined {
    return this.#table.textOf(this.#line, part.flags);
  }

  get offloaded(): "yes" | "partial" | undefined {
    const text = this.#table.textOf(this.#line, part.offloaded);
    return text === "yes" || text === "partial" ? text : undefined;
  }

  get layer(): string | undefined {
    return this.#table.textOf(this.#line, part.layer);
  }

  get extraInfo(): string | undefined {
    return this.#table.textOf(this.#line, part.extraInfo);
  }

  get match(): DatapathMatch {
    return this.#table.interpret(this.#line).match;
  }

  get actions(): readonly DatapathAction[] {
    return this.#table.interpret(this.#line).actions;
  }

  get attributes(): readonly Item[] {
    const [table, line] = [this.#table, this.#line];
    const start = table.startOf(line, part.attributes);
    if (start === absent) return [];
    const { text } = table.source;
    return [
      ...attributesIn(text, start, table.startOf(line, part.actions)),
      ...attributesIn(text, table.endOf(line, part.actions), table.endOf(line, part.attributes)),
    ];
  }

  get notUnderstood(): readonly NotUnderstood[] {
    return this.#table.interpret(this.#line).notUnderstood;
  }
}
