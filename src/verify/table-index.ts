/**
 * Flows by table, found without looking at each: as in OVS's own classifier, the flows of a table that match the
 * same bits form a group, and inside a group those of one port and one set of registers share a bucket.
 */

import type { FieldName } from "../openflow/field.js";
import type { Flow } from "../openflow/flow.js";
import { bitsOf, type Cube, isScratch } from "./cube.js";
import { openflowPortName, type PortNames } from "./port-names.js";

interface Group {
  readonly hasPort: boolean;
  readonly shape: Flow["match"]["fields"];
  readonly priority: number;
  /** By port and registers, for packets of which less is known than the group asks. */
  readonly buckets: Map<string, Flow[]>;
  /** By port and every value, for the others. */
  readonly exact: Map<string, Flow[]>;
}

export interface TableIndex {
  /** The lowest table: where packets begin. */
  readonly first: number;
  /** Groups by falling highest priority. */
  readonly tables: ReadonlyMap<number, readonly Group[]>;
}

export function indexTables(
  flows: readonly Flow[],
  names: PortNames,
  bridge: string,
  first: number,
): TableIndex {
  const tables = new Map<number, Map<string, Group & { priority: number }>>();
  for (const flow of flows) {
    const inPort =
      flow.match.inPort === undefined
        ? undefined
        : openflowPortName(flow.match.inPort, names, bridge);
    const key = `${inPort === undefined}|${flow.match.fields.map(({ field, mask }) => `${field}/${mask.toString(16)}`).join()}`;
    const groups = tables.get(flow.table) ?? new Map<string, Group & { priority: number }>();
    tables.set(flow.table, groups);
    let group = groups.get(key);
    if (group === undefined) {
      group = {
        hasPort: inPort !== undefined,
        shape: flow.match.fields,
        priority: flow.priority,
        buckets: new Map(),
        exact: new Map(),
      };
      groups.set(key, group);
    }
    group.priority = Math.max(group.priority, flow.priority);
    push(group.buckets, keyOfFlow(flow, inPort, isScratch), flow);
    push(group.exact, keyOfFlow(flow, inPort, isAny), flow);
  }
  return {
    first,
    tables: new Map(
      [...tables].map(([table, groups]) => [
        table,
        [...groups.values()].sort((one, other) => other.priority - one.priority),
      ]),
    ),
  };
}

/** How a flow stands to a cube: nothing in common, some packets, or all of them. */
export type Overlap = "none" | "some" | "all";

export function overlapOf(flow: Flow, cube: Cube): Overlap {
  let overlap: Overlap = flow.match.unknown === undefined ? "all" : "some";
  for (const { field, value, mask } of flow.match.fields) {
    const bits = bitsOf(cube, field);
    if (((bits.value ^ value) & bits.mask & mask) !== 0n) return "none";
    if ((mask & ~bits.mask) !== 0n) overlap = "some";
  }
  return overlap;
}

/** Flows of the table that share packets with the cube, by falling priority, down to one that has them all. */
export function candidatesIn(
  index: TableIndex,
  table: number,
  cube: Cube,
  inPort: string,
): readonly Flow[] {
  const found: Flow[] = [];
  let floor = -1;
  for (const group of index.tables.get(table) ?? []) {
    if (group.priority < floor) break;
    for (const flow of membersFor(group, cube, inPort)) {
      if (flow.priority < floor) continue;
      const overlap = overlapOf(flow, cube);
      if (overlap === "none") continue;
      found.push(flow);
      if (overlap === "all" && flow.priority > floor) floor = flow.priority;
    }
  }
  return found
    .filter((flow) => flow.priority >= floor)
    .sort((one, other) => other.priority - one.priority);
}

const nobody: readonly Flow[] = [];

function membersFor(group: Group, cube: Cube, inPort: string): readonly Flow[] {
  const known = group.shape.every(({ field, mask }) => (mask & ~bitsOf(cube, field).mask) === 0n);
  const chosen = known ? isAny : isScratch;
  let key = group.hasPort ? inPort : "";
  for (const { field, mask } of group.shape)
    if (chosen(field)) key += `|${(bitsOf(cube, field).value & mask).toString(36)}`;
  return (known ? group.exact : group.buckets).get(key) ?? nobody;
}

function keyOfFlow(
  flow: Flow,
  inPort: string | undefined,
  chosen: (field: FieldName) => boolean,
): string {
  let key = inPort ?? "";
  for (const { field, value } of flow.match.fields)
    if (chosen(field)) key += `|${value.toString(36)}`;
  return key;
}

function isAny(): boolean {
  return true;
}

function push(groups: Map<string, Flow[]>, key: string, flow: Flow): void {
  const members = groups.get(key);
  if (members === undefined) groups.set(key, [flow]);
  else members.push(flow);
}
