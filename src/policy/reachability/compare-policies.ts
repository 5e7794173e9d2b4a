/**
 * Two policies compared by what they mean: who may open what to whom in one and not in the other, over whole sets of
 * addresses, traffic and rails, without any inventory.
 */

import type { CheckedPolicy } from "../checked-policy.js";
import { compareText } from "../report.js";
import { coverBroadly } from "./broad-cover.js";
import { type Comparison, compareCells } from "./cells.js";
import { EntryWriter, keyOfEntry, type ReachEntry } from "./entry.js";
import { gridOf } from "./grid.js";
import type { Cell, Change, Reach } from "./judge.js";

export interface ReachDifference {
  /** In names of the new policy. */
  readonly gained: readonly ReachEntry[];
  /** In names of the old policy. */
  readonly lost: readonly ReachEntry[];
  /** What begins to differ on later days, when rules have ended; ascending. */
  readonly later: readonly LaterDifference[];
}

export interface LaterDifference {
  /** `YYYY-MM-DD`, the last day of a rule: it differs from the next day on. */
  readonly after: string;
  readonly gained: readonly ReachEntry[];
  readonly lost: readonly ReachEntry[];
}

/**
 * Exact, and without an entry that could be left out. Both policies as of the day that they were checked for.
 * @throws {TooManyKinds} where the globs of some tenants cannot be walked through
 */
export function compareReach(old: CheckedPolicy, young: CheckedPolicy): ReachDifference {
  const comparison = compareCells({ old, new: young });
  const writers = {
    gained: new EntryWriter(comparison, young, "gained"),
    lost: new EntryWriter(comparison, old, "lost"),
  };
  const entries = (way: "gained" | "lost", after?: string) =>
    entriesOf(comparison, writers[way], (cell) => reachIn(cell, way, after), after);
  const later = daysIn(comparison).map((after) => ({
    after,
    gained: entries("gained", after),
    lost: entries("lost", after),
  }));
  return { gained: entries("gained"), lost: entries("lost"), later };
}

export function isSameReach({ gained, lost, later }: ReachDifference): boolean {
  return gained.length + lost.length + later.length === 0;
}

function reachIn(cell: Cell, way: "gained" | "lost", after: string | undefined): Reach {
  return cell.changes.find((change) => change.after === after)?.[way] ?? 0n;
}

function daysIn({ rows }: Comparison): string[] {
  const days = new Set<string>();
  const add = ({ after }: Change) => after !== undefined && days.add(after);
  const seen = new Set<Cell>();
  for (const row of rows)
    for (const cell of [...row.cells.values(), ...(row.others === undefined ? [] : [row.others])]) {
      if (seen.has(cell)) continue;
      seen.add(cell);
      cell.changes.forEach(add);
    }
  return [...days].sort();
}

function entriesOf(
  comparison: Comparison,
  writer: EntryWriter,
  reachOfCell: (cell: Cell) => Reach,
  after: string | undefined,
): ReachEntry[] {
  const { rows, kinds, rails, traffic } = comparison;
  const dimensions = { kinds: kinds.all.length, rails: rails.length, pieces: traffic.count };
  const grid = gridOf(rows, dimensions, reachOfCell);
  return coverBroadly(grid, (some) => writer.isTenant(some))
    .map((covered) => writer.entryOf(covered, reachOfCell, after))
    .map((entry) => ({ entry, key: keyOfEntry(entry) }))
    .sort((one, other) => compareText(one.key, other.key))
    .map(({ entry }) => entry);
}
