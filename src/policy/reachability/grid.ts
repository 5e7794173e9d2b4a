/**
 * A relation between openers, answerers, rails and traffic, with everything put together that is alike in it: equal
 * rows, equal columns, rail classes and pieces of traffic that never part. What remains is small enough to be
 * covered with rectangles.
 */

import type { Row } from "./cells.js";
import type { Cell, Reach } from "./judge.js";

export interface Grid {
  /** Kinds of each row. */
  readonly openers: readonly (readonly number[])[];
  /** Kinds of each column. */
  readonly answerers: readonly (readonly number[])[];
  /** Rail classes that go together. */
  readonly rails: readonly (readonly number[])[];
  /** Pieces of traffic that go together, as bits. */
  readonly traffic: readonly bigint[];
  /** By row and column, bit `rail * traffic.length + traffic`. */
  readonly cells: readonly ReadonlyMap<number, bigint>[];
  /** By row: what columns have that are not in its cells. */
  readonly others: readonly bigint[];
}

export interface Dimensions {
  readonly kinds: number;
  readonly rails: number;
  readonly pieces: number;
}

/** Of every cell the part that `reachIn` picks. */
export function gridOf(
  rows: readonly Row[],
  { kinds, rails, pieces }: Dimensions,
  reachIn: (cell: Cell) => Reach,
): Grid {
  const lines = new Map<string, Line>();
  const values = new Numbers<Reach>();
  values.numberOf(0n);
  for (const row of rows) {
    const others = row.others === undefined ? 0 : values.numberOf(reachIn(row.others));
    const cells = new Map<number, number>();
    for (const [answerer, cell] of row.cells) {
      const value = values.numberOf(reachIn(cell));
      if (value !== others) cells.set(answerer, value);
    }
    if (others === 0 && cells.size === 0) continue;
    const sorted = [...cells].sort(([one], [other]) => one - other);
    const key = `${others} ${sorted.map((cell) => cell.join(":")).join(" ")}`;
    const same = lines.get(key);
    if (same === undefined) lines.set(key, { openers: [row.opener], others, cells });
    else same.openers.push(row.opener);
  }
  const merged = [...lines.values()];
  const columns = columnsOf(merged, kinds);
  const columnOf = new Map(columns.map(([first], column) => [first as number, column]));
  const parts = partsOf(values.all, rails, pieces);
  return {
    openers: merged.map(({ openers }) => openers),
    answerers: columns,
    rails: parts.rails,
    traffic: parts.traffic,
    cells: merged.map(({ cells }) => {
      const row = new Map<number, bigint>();
      for (const [answerer, value] of cells) {
        const column = columnOf.get(answerer);
        if (column !== undefined) row.set(column, parts.values[value] as bigint);
      }
      return row;
    }),
    others: merged.map(({ others }) => parts.values[others] as bigint),
  };
}

/** Only some bits, every cell of them written out: nothing is left to `others`, and nothing empty in cells. */
export function writtenOut(grid: Grid, bits: bigint): Grid {
  const cells = grid.cells.map((row, number) => {
    const others = (grid.others[number] ?? 0n) & bits;
    const written = new Map<number, bigint>();
    const add = (column: number, value: bigint) => value !== 0n && written.set(column, value);
    if (others === 0n) for (const [column, value] of row) add(column, value & bits);
    else
      for (const column of grid.answerers.keys()) {
        const value = row.get(column);
        add(column, value === undefined ? others : value & bits);
      }
    return written;
  });
  return { ...grid, cells, others: grid.others.map(() => 0n) };
}

interface Line {
  readonly openers: number[];
  readonly others: number;
  readonly cells: ReadonlyMap<number, number>;
}

class Numbers<T> {
  readonly all: T[] = [];
  private readonly known = new Map<T, number>();

  numberOf(value: T): number {
    const number = this.known.get(value) ?? this.all.push(value) - 1;
    this.known.set(value, number);
    return number;
  }
}

/** Kinds that no line tells apart. */
function columnsOf(lines: readonly Line[], kinds: number): number[][] {
  const marks = new Map<number, string>();
  for (const [number, { cells }] of lines.entries())
    for (const [answerer, value] of cells)
      marks.set(answerer, `${marks.get(answerer) ?? ""} ${number}:${value}`);
  const columns = new Map<string, number[]>();
  for (let kind = 0; kind < kinds; kind++) {
    const mark = marks.get(kind) ?? "";
    const column = columns.get(mark);
    if (column === undefined) columns.set(mark, [kind]);
    else column.push(kind);
  }
  return [...columns.values()];
}

/** The values in terms of the rails and the traffic that they tell apart. */
function partsOf(values: readonly Reach[], rails: number, pieces: number) {
  const isSet = (value: Reach, rail: number, piece: number) =>
    ((value >> BigInt(rail * pieces + piece)) & 1n) === 1n;
  const pieceNumbers = [...Array(pieces).keys()];
  const railNumbers = [...Array(rails).keys()];
  const pieceGroups = grouped(pieceNumbers, (piece) =>
    values.map((value) => railNumbers.map((rail) => Number(isSet(value, rail, piece))).join("")),
  );
  const railGroups = grouped(railNumbers, (rail) =>
    values.map((value) => pieceNumbers.map((piece) => Number(isSet(value, rail, piece))).join("")),
  );
  return {
    rails: railGroups,
    traffic: pieceGroups.map((group) =>
      group.reduce((sum, piece) => sum | (1n << BigInt(piece)), 0n),
    ),
    values: values.map((value) => {
      let bits = 0n;
      for (const [rail, [someRail]] of railGroups.entries())
        for (const [piece, [somePiece]] of pieceGroups.entries())
          if (isSet(value, someRail as number, somePiece as number))
            bits |= 1n << BigInt(rail * pieceGroups.length + piece);
      return bits;
    }),
  };
}

/** Those that are in no value at all are left out. */
function grouped(numbers: readonly number[], markOf: (number: number) => string[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const number of numbers) {
    const mark = markOf(number).join(" ");
    if (!mark.includes("1")) continue;
    const group = groups.get(mark);
    if (group === undefined) groups.set(mark, [number]);
    else group.push(number);
  }
  return [...groups.values()];
}
