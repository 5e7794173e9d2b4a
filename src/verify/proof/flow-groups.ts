/**
 * The flows of one table, found without looking at each: those of one priority that match the same bits form a group,
 * and inside a group those of one port, one set of registers and one EtherType share a bucket.
 */

import { type FieldName, fieldOf } from "../../openflow/field.js";
import type { Flow } from "../../openflow/flow.js";
import type { Port } from "../../openflow/match.js";
import type { PortNumbers } from "../../openflow/print.js";
import { resolvePort, unknowableFields } from "../../openflow/tables.js";
import { type Words, wordsOf } from "./cubes.js";
import { isScratchField } from "./header-bits.js";

export interface MatchedField {
  readonly field: number;
  readonly mask: bigint;
}

export interface GroupedFlow {
  readonly flow: Flow;
  readonly inPort: Port | undefined;
  /** What it matches, in the group's order: `keyed` first, then `free`. */
  readonly values: readonly bigint[];
  readonly words: readonly Words[];
}

export interface FlowGroup {
  readonly priority: number;
  readonly matchesPort: boolean;
  /** Fields that tell buckets apart. */
  readonly keyed: readonly MatchedField[];
  readonly free: readonly MatchedField[];
  /** Something in the match cannot be interpreted: whether such a flow matches is open. */
  readonly isOpen: boolean;
  readonly buckets: Map<string, GroupedFlow[]>;
}

export interface FlowTable {
  readonly number: number;
  /** By falling priority. */
  readonly groups: readonly FlowGroup[];
  readonly flows: ReadonlySet<Flow>;
  /** Fields that some flow matches, by place; `port` is not among them. */
  readonly fields: ReadonlySet<number>;
  readonly matchesPort: boolean;
}

const etherType = fieldOf("dl_type").index;

export function groupFlows(
  number: number,
  flows: Iterable<Flow>,
  portNumbers: PortNumbers,
): FlowTable {
  const groups = new Map<string, FlowGroup>();
  const all = new Set(flows);
  for (const flow of all) addToGroup(groups, flow, portNumbers);
  const sorted = [...groups.values()].sort((one, other) => other.priority - one.priority);
  const fields = new Set<number>();
  for (const { keyed, free } of sorted)
    for (const { field } of [...keyed, ...free]) fields.add(field);
  return {
    number,
    groups: sorted,
    flows: all,
    fields,
    matchesPort: sorted.some(({ matchesPort }) => matchesPort),
  };
}

function addToGroup(groups: Map<string, FlowGroup>, flow: Flow, portNumbers: PortNumbers): void {
  const { inPort, fields, unknown } = flow.match;
  let name = `${flow.priority} ${inPort === undefined ? "" : "p"}${unknown === undefined ? "" : "?"}`;
  for (const { field, mask } of fields) name += maskName(field, mask);
  let group = groups.get(name);
  if (group === undefined) {
    const known = fields.filter(({ field }) => !unknowableFields.has(field));
    const matched = known.map(({ field, mask }) => ({ field: fieldOf(field).index, mask }));
    group = {
      priority: flow.priority,
      matchesPort: inPort !== undefined,
      keyed: matched.filter(({ field }) => isKeyed(field)),
      free: matched.filter(({ field }) => !isKeyed(field)),
      isOpen: unknown !== undefined || known.length < fields.length,
      buckets: new Map(),
    };
    groups.set(name, group);
  }
  const byField = (wanted: readonly MatchedField[]) =>
    wanted.map(({ field }) => {
      const found = fields.find((one) => fieldOf(one.field).index === field);
      return found?.value ?? 0n;
    });
  const keys = byField(group.keyed);
  const port = inPort === undefined ? undefined : resolvePort(inPort, portNumbers);
  const key = bucketKey(group, port, keys);
  const values = [...keys, ...byField(group.free)];
  const grouped = { flow, inPort: port, values, words: values.map(wordsOf) };
  const bucket = group.buckets.get(key);
  if (bucket === undefined) group.buckets.set(key, [grouped]);
  else bucket.push(grouped);
}

const maskNames = new Map<FieldName, Map<bigint, string>>();

function maskName(field: FieldName, mask: bigint): string {
  let names = maskNames.get(field);
  if (names === undefined) {
    names = new Map();
    maskNames.set(field, names);
  }
  let name = names.get(mask);
  if (name === undefined) {
    name = ` ${field}/${mask.toString(36)}`;
    names.set(mask, name);
  }
  return name;
}

function isKeyed(field: number): boolean {
  return isScratchField(field) || field === etherType;
}

export function bucketKey(
  group: Pick<FlowGroup, "matchesPort">,
  port: Port | undefined,
  keys: readonly bigint[],
): string {
  let key = group.matchesPort ? `${typeof port === "number" ? "#" : ""}${port}` : "";
  for (const value of keys) key += `,${value.toString(36)}`;
  return key;
}
