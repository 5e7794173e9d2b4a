/** Rectangles cover exactly what a grid holds, and none of them, nor any traffic of one, could be left out. */

import { expect, test } from "vitest";
import { coverBroadly } from "../../../src/policy/reachability/broad-cover.js";
import { coverGrid } from "../../../src/policy/reachability/cover.js";
import type { Grid } from "../../../src/policy/reachability/grid.js";
import { type Bundle, regionOf } from "../../../src/policy/reachability/regions.js";
import { Random } from "../../support/random.js";

const seed = 20_261_123;

/** Kinds are numbered as rows and columns; rail classes and pieces as themselves. */
function randomGrid(random: Random, size: number, rails: number, traffic: number): Grid {
  const bits = rails * traffic;
  const cells = Array.from({ length: size }, () => new Map<number, bigint>());
  const draw = () => {
    const value = random.bits(bits);
    return random.chance(0.4) ? 0n : random.chance(0.5) ? value : (1n << BigInt(bits)) - 1n;
  };
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const value = random.chance(0.5) ? (cells[column]?.get(row) ?? draw()) : draw();
      if (value !== 0n) cells[row]?.set(column, value);
    }
  const numbers = [...Array(size).keys()].map((number) => [number]);
  return {
    openers: numbers,
    answerers: numbers,
    rails: [...Array(rails).keys()].map((rail) => [rail]),
    traffic: [...Array(traffic).keys()].map((piece) => 1n << BigInt(piece)),
    cells,
    others: cells.map(() => 0n),
  };
}

function* everyPoint(grid: Grid): Generator<[row: number, column: number, bit: number]> {
  for (const row of grid.openers.keys())
    for (const column of grid.answerers.keys())
      for (let bit = 0; bit < grid.rails.length * grid.traffic.length; bit++)
        yield [row, column, bit];
}

test(`every point of a grid is covered, no other is, and no rectangle is idle (seed ${seed})`, () => {
  const random = new Random(seed);
  let rectanglesSeen = 0;
  for (let run = 0; run < 200; run++) {
    const grid = randomGrid(random, 1 + random.below(6), 1 + random.below(2), 1 + random.below(3));
    const rectangles = coverGrid(grid);
    rectanglesSeen += rectangles.length;
    const alone = new Set<string>();
    for (const [row, column, bit] of everyPoint(grid)) {
      const [rail, piece] = [Math.floor(bit / grid.traffic.length), bit % grid.traffic.length];
      const holders = rectangles.filter(
        (one) =>
          one.rows.includes(row) &&
          one.columns.includes(column) &&
          one.rails.includes(rail) &&
          one.traffic.includes(piece),
      );
      const isHeld = (((grid.cells[row]?.get(column) ?? 0n) >> BigInt(bit)) & 1n) === 1n;
      expect(holders.length > 0).toBe(isHeld);
      const [only, ...others] = holders;
      if (only !== undefined && others.length === 0)
        alone.add(`${rectangles.indexOf(only)} ${piece}`);
    }
    for (const [index, { traffic }] of rectangles.entries())
      for (const piece of traffic) expect(alone).toContain(`${index} ${piece}`);
  }
  expect(rectanglesSeen).toBeGreaterThan(500);
});

test(`with holes, too, exactly what the grid holds is covered (seed ${seed})`, () => {
  const random = new Random(seed);
  let holesSeen = 0;
  for (let run = 0; run < 100; run++) {
    const size = 3 + random.below(5);
    const grid = randomGrid(random, size, 1, 1);
    // nearly full: the rows of some say nothing of most columns
    const cells = grid.openers.map(
      (_, row) => new Map(random.chance(0.8) ? [[row, 0n] as const] : [...(grid.cells[row] ?? [])]),
    );
    const others = cells.map((row) => (row.get(0) === 1n || row.size > 1 ? 0n : 1n));
    const broad: Grid = { ...grid, cells, others };
    const covered = coverBroadly(broad, () => true);
    const holds = ({ regions, way }: Bundle, row: number, column: number) =>
      regions.some(
        ({ openers, answerers }) => openers.includes(row) && answerers.includes(column),
      ) &&
      (way !== "each" || row === column);
    holesSeen += covered.filter(({ holes }) => holes.length > 0).length;
    for (const [row, column] of everyPoint(broad)) {
      const found = covered.some(
        ({ bundle, holes }) =>
          holds(bundle, row, column) && !holes.some((hole) => holds(hole, row, column)),
      );
      expect(found).toBe((cells[row]?.get(column) ?? others[row]) === 1n);
    }
  }
  expect(holesSeen).toBeGreaterThan(20);
});

test("a region names the kinds, rail classes and pieces of its rectangle", () => {
  const grid: Grid = {
    openers: [[3, 1], [2]],
    answerers: [[0], [1, 2]],
    rails: [[0, 2], [1]],
    traffic: [0b101n, 0b010n],
    cells: [],
    others: [],
  };
  const region = regionOf({ rows: [0, 1], columns: [1], rails: [0], traffic: [0] }, grid);
  expect(region).toEqual({ openers: [1, 2, 3], answerers: [1, 2], rails: [0, 2], traffic: 0b101n });
});
