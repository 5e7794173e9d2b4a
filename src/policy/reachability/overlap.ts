/** Rectangles that cover each other in part: which of them, and what of them, is covered by the others? */

import type { Rectangle } from "./rectangle.js";

export class Overlap {
  readonly #kept: (Rectangle | undefined)[];
  readonly #byRow = new Map<number, Set<number>>();
  readonly #columns: ReadonlySet<number>[];
  readonly #masks: bigint[];
  readonly #maskOf: (rails: readonly number[], traffic: readonly number[]) => bigint;

  constructor(
    rectangles: readonly Rectangle[],
    maskOf: (rails: readonly number[], traffic: readonly number[]) => bigint,
  ) {
    this.#kept = [...rectangles];
    this.#maskOf = maskOf;
    this.#masks = rectangles.map(({ rails, traffic }) => maskOf(rails, traffic));
    this.#columns = rectangles.map(({ columns }) => new Set(columns));
    for (const [index, { rows }] of rectangles.entries())
      for (const row of rows) this.#byRow.set(row, (this.#byRow.get(row) ?? new Set()).add(index));
  }

  /** Whether the others cover that part of it. */
  isIdle(index: number, part: bigint): boolean {
    const rectangle = this.#kept[index];
    if (rectangle === undefined) return false;
    return rectangle.rows.every((row) =>
      rectangle.columns.every((column) => {
        let left = part;
        for (const other of this.#byRow.get(row) ?? [])
          if (other !== index && this.#columns[other]?.has(column) === true)
            left &= ~(this.#masks[other] ?? 0n);
        return left === 0n;
      }),
    );
  }

  remove(index: number, traffic: readonly number[]): void {
    const rectangle = this.#kept[index] as Rectangle;
    const left = rectangle.traffic.filter((number) => !traffic.includes(number));
    this.#masks[index] = this.#maskOf(rectangle.rails, left);
    this.#kept[index] = left.length === 0 ? undefined : { ...rectangle, traffic: left };
    if (left.length === 0) for (const row of rectangle.rows) this.#byRow.get(row)?.delete(index);
  }

  rectangles(): Rectangle[] {
    return this.#kept.filter((rectangle) => rectangle !== undefined);
  }
}
