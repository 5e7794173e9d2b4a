/**
 * A grid as few rectangles, and broad ones with holes where that is shorter: "any <-> any, except each tenant <->
 * itself" is one thing to read and, without holes, as many as there are tenants.
 */

import { coverGrid } from "./cover.js";
import { type Grid, writtenOut } from "./grid.js";
import type { Rectangle } from "./rectangle.js";
import { type Bundle, bundlesOf, type Region, regionOf } from "./regions.js";

export interface CoveredBundle {
  readonly bundle: Bundle;
  /** Pairs of the bundle that are not meant. */
  readonly holes: readonly Bundle[];
}

/** Past this, covering a bit without holes takes longer than anybody waits. */
const mostCells = 40_000;

/** How much shorter it has to be with holes: they take some thought to read. */
const worthwhile = 1;

export function coverBroadly(
  grid: Grid,
  isTenant: (kinds: readonly number[]) => boolean,
): CoveredBundle[] {
  const bundled = (part: Grid) =>
    bundlesOf(
      coverGrid(part).map((rectangle) => regionOf(rectangle, grid)),
      isTenant,
    );
  const found: Broad[] = [];
  let left = 0n;
  const bits = grid.rails.length * grid.traffic.length;
  for (let number = 0; number < bits; number++) {
    const bit = 1n << BigInt(number);
    const broad = broadestOf(grid, bit);
    const isPlain = broad === undefined || broad.holeCount * 2 > broad.cellCount;
    if (isPlain) {
      left |= bit;
      continue;
    }
    if (broad.cellCount <= mostCells) {
      const plain = bundled(writtenOut(grid, bit)).length;
      const rest = bundled(broad.rest).length;
      if (plain < 1 + bundled(broad.holes).length + rest + worthwhile) {
        left |= bit;
        continue;
      }
    }
    found.push(broad);
  }
  const rest = [writtenOut(grid, left), ...found.map((each) => each.rest)].reduce(unionOf);
  return [
    ...joinedBits(found).map(({ rectangle, holes }) => {
      return { bundle: wholeBundle(regionOf(rectangle, grid)), holes: bundled(holes) };
    }),
    ...bundled(rest).map((bundle) => ({ bundle, holes: [] })),
  ];
}

/** Of the same grid, both without `others`. */
function unionOf(one: Grid, other: Grid): Grid {
  const cells = one.cells.map((row, number) => {
    const both = new Map(row);
    for (const [column, value] of other.cells[number] ?? [])
      both.set(column, (both.get(column) ?? 0n) | value);
    return both;
  });
  return { ...one, cells };
}

/** What is the same but for its traffic is one, and then what is the same but for its rails. */
function joinedBits(all: readonly Broad[]): Broad[] {
  const joined = (some: readonly Broad[], side: "rails" | "traffic"): Broad[] => {
    const other = side === "rails" ? "traffic" : "rails";
    const groups = new Map<string, Broad>();
    for (const each of some) {
      const key = `${each.pairs} ${each.rectangle[other].join()}`;
      const known = groups.get(key);
      const numbers = [...(known?.rectangle[side] ?? []), ...each.rectangle[side]];
      groups.set(key, {
        ...(known ?? each),
        rectangle: { ...each.rectangle, [side]: numbers.sort((a, b) => a - b) },
      });
    }
    return [...groups.values()];
  };
  return joined(joined(all, "traffic"), "rails");
}

function wholeBundle(region: Region): Bundle {
  const isBothWays = region.openers.join() === region.answerers.join();
  return isBothWays ? { way: "<->", regions: [region] } : { way: "->", regions: [region] };
}

interface Broad {
  readonly rectangle: Rectangle;
  readonly cellCount: number;
  readonly holeCount: number;
  /** Of one bit, whatever it is: what counts is where they are. */
  readonly holes: Grid;
  /** The same text for the same pairs, holes taken out. */
  readonly pairs: string;
  /** What of the bit is outside of the rectangle. */
  readonly rest: Grid;
}

/** Of rows that have the bit wherever nothing else is said: the columns that are not empty in all of them. */
function columnsSomewhere(
  grid: Grid,
  rows: readonly number[],
  has: (value: bigint | undefined) => boolean,
): number[] {
  const missing = new Map<number, number>();
  for (const row of rows)
    for (const [column, value] of grid.cells[row] ?? [])
      if (!has(value)) missing.set(column, (missing.get(column) ?? 0) + 1);
  return [...grid.answerers.keys()].filter((column) => missing.get(column) !== rows.length);
}

/** All rows that have the bit in most columns, with all columns; if there are none, all rows and columns that have it. */
function broadestOf(grid: Grid, bit: bigint): Broad | undefined {
  const has = (value: bigint | undefined) => ((value ?? 0n) & bit) !== 0n;
  const everywhere = [...grid.others.keys()].filter((row) => has(grid.others[row]));
  const somewhere = [...grid.cells.keys()].filter((row) =>
    [...(grid.cells[row]?.values() ?? [])].some(has),
  );
  const rows = everywhere.length > 0 ? everywhere : somewhere;
  if (rows.length === 0) return undefined;
  const isIn = new Set(rows);
  const some = new Set(
    rows.flatMap((row) =>
      [...(grid.cells[row] ?? [])].flatMap(([column, value]) => (has(value) ? [column] : [])),
    ),
  );
  const columns =
    everywhere.length > 0 ? columnsSomewhere(grid, rows, has) : [...some].sort((a, b) => a - b);
  const isColumn = new Set(columns);
  let holeCount = 0;
  const holes = grid.cells.map((cells, row) => {
    const missing = new Map<number, bigint>();
    if (!isIn.has(row)) return missing;
    const looked = everywhere.length > 0 ? cells.keys() : columns;
    for (const column of looked)
      if (isColumn.has(column) && !has(cells.get(column))) missing.set(column, bit);
    holeCount += missing.size;
    return missing;
  });
  const none = grid.others.map(() => 0n);
  const rest = grid.cells.map((cells, row) =>
    isIn.has(row)
      ? new Map<number, bigint>()
      : new Map([...cells].flatMap(([column, value]) => (has(value) ? [[column, bit]] : []))),
  );
  const width = grid.traffic.length;
  const number = bit.toString(2).length - 1;
  return {
    rectangle: { rows, columns, rails: [Math.floor(number / width)], traffic: [number % width] },
    cellCount: rows.length * columns.length,
    holeCount,
    holes: { ...grid, cells: holes, others: none },
    pairs: [rows, columns, ...holes.map((missing) => [...missing.keys()])].join("|"),
    rest: { ...grid, cells: rest, others: none },
  };
}
