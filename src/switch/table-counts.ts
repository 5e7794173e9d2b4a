/** How many flows each table has: what it takes to notice that somebody else added some or took some away. */

import type { TableCounts } from "../openflow/wire/statistics.js";
import type { FlowText } from "./flow-text.js";
import type { Plan } from "./plan.js";

export function countsOf(lines: readonly FlowText[]): TableCounts {
  const counts = new Map<number, number>();
  for (const { table } of lines) counts.set(table, (counts.get(table) ?? 0) + 1);
  return counts;
}

export function countsAfter(counts: TableCounts, plan: Plan): TableCounts {
  const after = new Map(counts);
  const move = (table: number, by: number) => {
    const count = (after.get(table) ?? 0) + by;
    if (count === 0) after.delete(table);
    else after.set(table, count);
  };
  for (const { table } of plan.adds) move(table, 1);
  for (const { table } of plan.deletes) move(table, -1);
  return after;
}

export function isSameCount<K>(
  one: ReadonlyMap<K, number>,
  other: ReadonlyMap<K, number>,
): boolean {
  if (one.size !== other.size) return false;
  for (const [key, value] of one) if (other.get(key) !== value) return false;
  return true;
}
