/**
 * Flows by table, found without looking at each: as in OVS's own classifier, the flows of a table that match the
 * same bits form a group, and inside a group those of one port and one set of registers share a bucket.
 */

import { hiddenFlows, isConjunctive as isPartOfOne, textOfMatch } from "../openflow/conjunction.js";
import type { FieldName } from "../openflow/field.js";
import type { Flow } from "../openflow/flow.js";
import { bitsOf, type Cube, isScratch } from "./cube.js";
import { openflowPortName, type PortNames } from "./port-names.js";

interface Group {
  readonly hasPort: boolean;
  readonly isConjunctive: boolean;
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
  readonly tables: ReadonlyMap<number, Table>;
}

interface Table {
  /** By falling priority. */
  readonly groups: readonly Group[];
  /** The bits that some flow looks at: cubes that agree in these have the same candidates. */
  readonly looked: readonly { readonly field: FieldName; readonly mask: bigint }[];
  readonly hasPort: boolean;
  readonly known: Map<string, Candidates>;
  /** See `hiddenFlows`. */
  readonly hidden: ReadonlySet<Flow>;
}

export interface Candidates {
  /** By falling priority. */
  readonly flows: readonly Flow[];
  /** Whether the only one has all the packets. */
  readonly isOne: boolean;
  /** Whether some are parts of conjunctive matches. */
  readonly isConjunctive: boolean;
}

const nobody: readonly Flow[] = [];
const none: Candidates = { flows: nobody, isOne: false, isConjunctive: false };
/** Megaflows of one pod come to a table with few values, but nothing says so of those of everybody. */
const mostKnown = 4096;

export function indexTables(
  flows: readonly Flow[],
  names: PortNames,
  bridge: string,
  first: number,
): TableIndex {
  const tables = new Map<number, Map<string, Group & { priority: number }>>();
  const portOf = ({ match }: Flow) =>
    match.inPort === undefined ? undefined : openflowPortName(match.inPort, names, bridge);
  for (const flow of flows) {
    const inPort = portOf(flow);
    const isPart = isPartOfOne(flow);
    const key = `${isPart}${inPort === undefined}|${flow.match.fields.map(({ field, mask }) => `${field}/${mask.toString(16)}`).join()}`;
    const groups = tables.get(flow.table) ?? new Map<string, Group & { priority: number }>();
    tables.set(flow.table, groups);
    let group = groups.get(key);
    if (group === undefined) {
      group = {
        hasPort: inPort !== undefined,
        isConjunctive: isPart,
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
      [...tables].map(([table, groups]) => [table, tableOf([...groups.values()], portOf)]),
    ),
  };
}

function tableOf(groups: readonly Group[], portOf: (flow: Flow) => string | undefined): Table {
  const flows = groups.flatMap(({ buckets }) => [...buckets.values()].flat());
  const looked = new Map<FieldName, bigint>();
  for (const { shape } of groups)
    for (const { field, mask } of shape) looked.set(field, (looked.get(field) ?? 0n) | mask);
  return {
    groups: [...groups].sort((one, other) => other.priority - one.priority),
    looked: [...looked].map(([field, mask]) => ({ field, mask })),
    hasPort: groups.some(({ hasPort }) => hasPort),
    known: new Map(),
    hidden: hiddenFlows(flows, (flow) => textOfMatch(flow, portOf(flow))),
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
): Candidates {
  const own = index.tables.get(table);
  if (own === undefined) return none;
  const key = keyOfCube(own, cube, inPort);
  let found = own.known.get(key);
  if (found === undefined) {
    if (own.known.size >= mostKnown) own.known.clear();
    found = findIn(own, cube, inPort);
    own.known.set(key, found);
  }
  return found;
}

/** Of a lookup with a `conj_id`. */
export function candidatesAgain(
  index: TableIndex,
  table: number,
  cube: Cube,
  inPort: string,
): readonly Flow[] {
  const own = index.tables.get(table);
  if (own === undefined) return nobody;
  const isSeen = (flow: Flow) => !own.hidden.has(flow) && !isPartOfOne(flow);
  return findIn(own, cube, inPort, isSeen).flows;
}

function keyOfCube({ looked, hasPort }: Table, cube: Cube, inPort: string): string {
  let key = hasPort ? inPort : "";
  for (const { field, mask } of looked) {
    const bits = bitsOf(cube, field);
    const known = bits.mask & mask;
    key += `|${(bits.value & mask).toString(32)}`;
    if (known !== mask) key += `/${known.toString(32)}`;
  }
  return key;
}

function findIn(
  table: Table,
  cube: Cube,
  inPort: string,
  isSeen: (flow: Flow) => boolean = () => true,
): Candidates {
  const found: Flow[] = [];
  let floor = -1;
  let isConjunctive = false;
  for (const group of table.groups) {
    if (group.priority < floor) break;
    for (const flow of membersFor(group, cube, inPort)) {
      if (flow.priority < floor || !isSeen(flow)) continue;
      const overlap = overlapOf(flow, cube);
      if (overlap === "none") continue;
      found.push(flow);
      isConjunctive ||= group.isConjunctive;
      // a part of a conjunctive match is no answer by itself
      if (overlap === "all" && !group.isConjunctive && flow.priority > floor) floor = flow.priority;
    }
  }
  const flows = found
    .filter((flow) => flow.priority >= floor)
    .sort((one, other) => other.priority - one.priority);
  const isOne = !isConjunctive && flows.length === 1 && flows[0]?.priority === floor;
  return { flows, isOne, isConjunctive };
}

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
