/** The flows of one rail compiled from two policies: what an install of the second after the first would change. */

import type { Flow } from "../openflow/flow.js";
import { printActions, printMatch } from "../openflow/print.js";
import type { CompiledRail } from "./compiled-rail.js";

export interface RailDifference {
  readonly node: string;
  readonly rail: string;
  readonly added: readonly Flow[];
  /** Same table, priority and match; another cookie or other actions. */
  readonly changed: readonly { readonly before: Flow; readonly after: Flow }[];
  readonly deleted: readonly Flow[];
  readonly unchanged: number;
}

/** Both of the same node and rail. */
export function compareRails(old: CompiledRail, young: CompiledRail): RailDifference {
  const left = new Map(old.flows.map((flow) => [placeOf(flow), flow]));
  const added: Flow[] = [];
  const changed: { before: Flow; after: Flow }[] = [];
  let unchanged = 0;
  for (const after of young.flows) {
    const place = placeOf(after);
    const before = left.get(place);
    left.delete(place);
    if (before === undefined) added.push(after);
    else if (isSame(before, after)) unchanged++;
    else changed.push({ before, after });
  }
  const { node, rail } = young;
  return { node, rail, added, changed, deleted: [...left.values()], unchanged };
}

function placeOf({ table, priority, match }: Flow): string {
  return `${table} ${priority} ${printMatch(match)}`;
}

function isSame(one: Flow, other: Flow): boolean {
  return one.cookie === other.cookie && printActions(one.actions) === printActions(other.actions);
}
