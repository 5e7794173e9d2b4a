/**
 * A grid as few rectangles (openers x answerers x rails x traffic). The fewest are not to be had in any time that one
 * would wait (covering a bipartite graph with bicliques is NP-hard: Orlin 1977), so: from what is not yet covered,
 * the widest rectangle that several orders of growing find, until all is; then those go that the others make idle.
 */

import type { Grid } from "./grid.js";
import { Overlap } from "./overlap.js";
import type { Rectangle } from "./rectangle.js";

type Side = keyof Rectangle;

/** Sides first grown come out widest. */
const orders: readonly (readonly Side[])[] = [
  ["traffic", "rails", "columns", "rows"],
  ["rails", "traffic", "rows", "columns"],
  ["columns", "rows", "traffic", "rails"],
  ["rows", "columns", "rails", "traffic"],
];

export function coverGrid(grid: Grid): Rectangle[] {
  const cover = new Cover(grid);
  const rectangles: Rectangle[] = [];
  for (let seed = cover.seed(); seed !== undefined; seed = cover.seed()) {
    const grown = orders.map((order) => cover.grow(seed as Rectangle, order));
    let best = grown[0] as Rectangle;
    let most = 0;
    for (const each of grown) {
      const count = cover.uncoveredIn(each);
      if (count <= most) continue;
      most = count;
      best = each;
    }
    cover.take(best);
    rectangles.push(best);
    // a rule of both ways is read as one: its way back comes next, in the same words
    const mirrored = cover.mirrorOf(best);
    if (mirrored === undefined || cover.uncoveredIn(mirrored) === 0) continue;
    cover.take(mirrored);
    rectangles.push(mirrored);
  }
  return cover.withoutIdle(rectangles);
}

class Cover {
  readonly #uncovered: Map<number, bigint>[];
  readonly #rowsOfColumn = new Map<number, number[]>();
  readonly #rowOf = new Map<number, number>();
  readonly #columnOf = new Map<number, number>();
  readonly #grid: Grid;
  #firstRow = 0;

  constructor(grid: Grid) {
    this.#grid = grid;
    this.#uncovered = grid.cells.map((row) => new Map(row));
    for (const [row, cells] of grid.cells.entries())
      for (const column of cells.keys()) {
        const known = this.#rowsOfColumn.get(column);
        if (known === undefined) this.#rowsOfColumn.set(column, [row]);
        else known.push(row);
      }
    for (const [row, kinds] of grid.openers.entries())
      for (const kind of kinds) this.#rowOf.set(kind, row);
    for (const [column, kinds] of grid.answerers.entries())
      for (const kind of kinds) this.#columnOf.set(kind, column);
  }

  /** The smallest rectangle around the first bit that no rectangle covers. */
  seed(): Rectangle | undefined {
    for (; this.#firstRow < this.#uncovered.length; this.#firstRow++)
      for (const [column, bits] of this.#uncovered[this.#firstRow] ?? []) {
        const bit = lowestBit(bits);
        const width = this.#grid.traffic.length;
        return {
          rows: [this.#firstRow],
          columns: [column],
          rails: [Math.floor(bit / width)],
          traffic: [bit % width],
        };
      }
    return undefined;
  }

  grow(seed: Rectangle, order: readonly Side[]): Rectangle {
    let grown = seed;
    for (const side of order) grown = { ...grown, [side]: this.#grownSide(grown, side) };
    return grown;
  }

  #grownSide(from: Rectangle, side: Side): readonly number[] {
    const { rows, columns, rails, traffic } = from;
    const mask = this.#maskOf(rails, traffic);
    switch (side) {
      case "rows":
        return (this.#rowsOfColumn.get(columns[0] as number) ?? []).filter((row) =>
          columns.every((column) => this.#holds(row, column, mask)),
        );
      case "columns":
        return [...(this.#grid.cells[rows[0] as number] ?? []).keys()].filter((column) =>
          rows.every((row) => this.#holds(row, column, mask)),
        );
      case "rails":
      case "traffic": {
        const shared = this.#sharedBy(rows, columns);
        const all = side === "rails" ? this.#grid.rails : this.#grid.traffic;
        return [...all.keys()].filter((number) => {
          const wanted =
            side === "rails" ? this.#maskOf([number], traffic) : this.#maskOf(rails, [number]);
          return (shared & wanted) === wanted;
        });
      }
    }
  }

  #holds(row: number, column: number, mask: bigint): boolean {
    return ((this.#grid.cells[row]?.get(column) ?? 0n) & mask) === mask;
  }

  #sharedBy(rows: readonly number[], columns: readonly number[]): bigint {
    let shared = -1n;
    for (const row of rows)
      for (const column of columns) shared &= this.#grid.cells[row]?.get(column) ?? 0n;
    return shared;
  }

  #maskOf(rails: readonly number[], traffic: readonly number[]): bigint {
    const width = this.#grid.traffic.length;
    let mask = 0n;
    for (const rail of rails)
      for (const number of traffic) mask |= 1n << BigInt(rail * width + number);
    return mask;
  }

  uncoveredIn({ rows, columns, rails, traffic }: Rectangle): number {
    const mask = this.#maskOf(rails, traffic);
    let count = 0;
    for (const row of rows)
      for (const column of columns)
        count += bitCount((this.#uncovered[row]?.get(column) ?? 0n) & mask);
    return count;
  }

  take({ rows, columns, rails, traffic }: Rectangle): void {
    const mask = this.#maskOf(rails, traffic);
    for (const row of rows)
      for (const column of columns) {
        const left = (this.#uncovered[row]?.get(column) ?? 0n) & ~mask;
        if (left === 0n) this.#uncovered[row]?.delete(column);
        else this.#uncovered[row]?.set(column, left);
      }
  }

  /** What answers to what opens, if that is a rectangle of the grid too. */
  mirrorOf({ rows, columns, rails, traffic }: Rectangle): Rectangle | undefined {
    const { openers, answerers } = this.#grid;
    const mirroredRows = wholeGroups(columns, answerers, this.#rowOf, openers);
    const mirroredColumns = wholeGroups(rows, openers, this.#columnOf, answerers);
    if (mirroredRows === undefined || mirroredColumns === undefined) return undefined;
    const mask = this.#maskOf(rails, traffic);
    const isInside = mirroredRows.every((row) =>
      mirroredColumns.every((column) => this.#holds(row, column, mask)),
    );
    return isInside ? { rows: mirroredRows, columns: mirroredColumns, rails, traffic } : undefined;
  }

  /**
   * Later rectangles are the smaller ones: they are asked first whether they can go, or need not speak of some traffic.
   */
  withoutIdle(rectangles: readonly Rectangle[]): Rectangle[] {
    const kept = new Overlap(rectangles, (rails, traffic) => this.#maskOf(rails, traffic));
    for (const [index, { rails, traffic }] of [...rectangles.entries()].reverse())
      for (const one of [traffic, ...traffic.map((number) => [number])])
        if (kept.isIdle(index, this.#maskOf(rails, one))) kept.remove(index, one);
    return kept.rectangles();
  }
}

/** The groups of `others` that hold exactly the kinds of these groups of `own`. */
function wholeGroups(
  numbers: readonly number[],
  own: readonly (readonly number[])[],
  groupOf: ReadonlyMap<number, number>,
  others: readonly (readonly number[])[],
): readonly number[] | undefined {
  const groups = new Set<number>();
  let kinds = 0;
  for (const number of numbers)
    for (const kind of own[number] ?? []) {
      const group = groupOf.get(kind);
      if (group === undefined) return undefined;
      groups.add(group);
      kinds++;
    }
  const found = [...groups].sort((one, other) => one - other);
  const total = found.reduce((sum, group) => sum + (others[group]?.length ?? 0), 0);
  return total === kinds ? found : undefined;
}

function lowestBit(bits: bigint): number {
  let bit = 0;
  for (let rest = bits; (rest & 1n) === 0n; rest >>= 1n) bit++;
  return bit;
}

function bitCount(bits: bigint): number {
  let count = 0;
  for (let rest = bits; rest !== 0n; rest &= rest - 1n) count++;
  return count;
}
