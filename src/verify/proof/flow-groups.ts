/**
 * The flows of one table, found without looking at each: those of one priority that match the same bits form a group,
 * and inside a group those of one port, one set of registers and one EtherType share a bucket.
 */

import { hiddenFlows, isConjunctive, textOfMatch } from "../../openflow/conjunction.js";
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
  /** Its flows are dimensions of conjunctive matches. */
  readonly isConjunctive: boolean;
  readonly buckets: Map<string, GroupedFlow[]>;
}

const etherType = fieldOf("dl_type").index;

export class FlowTable {
  readonly number: number;
  readonly flows = new Set<Flow>();
  /** Fields that some flow matches, or did once, by place; the port is not among them. */
  readonly fields = new Set<number>();
  matchesPort = false;
  /** By falling priority. */
  groups: readonly FlowGroup[] = [];
  readonly #byName = new Map<string, FlowGroup>();
  #hidden: ReadonlySet<Flow> | undefined;
  readonly #portNumbers: PortNumbers;

  constructor(number: number, flows: Iterable<Flow>, portNumbers: PortNumbers) {
    this.number = number;
    this.#portNumbers = portNumbers;
    for (const flow of flows) this.#insert(flow);
    this.#sort();
  }

  add(flow: Flow): void {
    const known = this.#byName.size;
    this.#insert(flow);
    if (this.#byName.size > known) this.#sort();
  }

  remove(flow: Flow): void {
    this.flows.delete(flow);
    this.#hidden = undefined;
    const group = this.#byName.get(nameOf(flow));
    if (group === undefined) return;
    const key = this.#keyIn(group, flow);
    const bucket = group.buckets.get(key) ?? [];
    group.buckets.set(
      key,
      bucket.filter((one) => one.flow !== flow),
    );
  }

  /** See `hiddenFlows`. */
  get hidden(): ReadonlySet<Flow> {
    this.#hidden ??= hiddenFlows(this.flows, (flow) => textOfMatch(flow, this.#portOf(flow)));
    return this.#hidden;
  }

  /** Whether it looks at what no flow of the table has looked at, so that more packets must be told apart. */
  isNew({ match }: Flow): boolean {
    if (match.inPort !== undefined && !this.matchesPort) return true;
    return match.fields.some(({ field }) => !this.fields.has(fieldOf(field).index));
  }

  #insert(flow: Flow): void {
    if (this.flows.has(flow)) return;
    this.flows.add(flow);
    this.#hidden = undefined;
    const group = this.#groupOf(flow);
    const key = this.#keyIn(group, flow);
    const values = [...valuesIn(flow, group.keyed), ...valuesIn(flow, group.free)];
    const inPort = this.#portOf(flow);
    const grouped = { flow, inPort, values, words: values.map(wordsOf) };
    const bucket = group.buckets.get(key);
    if (bucket === undefined) group.buckets.set(key, [grouped]);
    else bucket.push(grouped);
  }

  #groupOf(flow: Flow): FlowGroup {
    const name = nameOf(flow);
    let group = this.#byName.get(name);
    if (group === undefined) {
      group = newGroup(flow);
      this.#byName.set(name, group);
      this.matchesPort ||= group.matchesPort;
      for (const { field } of [...group.keyed, ...group.free]) this.fields.add(field);
    }
    return group;
  }

  #keyIn(group: FlowGroup, flow: Flow): string {
    return bucketKey(group, this.#portOf(flow), valuesIn(flow, group.keyed));
  }

  #portOf({ match }: Flow): Port | undefined {
    return match.inPort === undefined ? undefined : resolvePort(match.inPort, this.#portNumbers);
  }

  #sort(): void {
    this.groups = [...this.#byName.values()].sort((one, other) => other.priority - one.priority);
  }
}

function newGroup({ match, priority, actions }: Flow): FlowGroup {
  const known = match.fields.filter(({ field }) => !unknowableFields.has(field));
  const matched = known.map(({ field, mask }) => ({ field: fieldOf(field).index, mask }));
  return {
    priority,
    matchesPort: match.inPort !== undefined,
    keyed: matched.filter(({ field }) => isKeyed(field)),
    free: matched.filter(({ field }) => !isKeyed(field)),
    isConjunctive: isConjunctive({ actions }),
    isOpen: match.unknown !== undefined || known.length < match.fields.length,
    buckets: new Map(),
  };
}

function valuesIn({ match }: Flow, wanted: readonly MatchedField[]): bigint[] {
  return wanted.map(({ field }) => {
    const found = match.fields.find((one) => fieldOf(one.field).index === field);
    return found?.value ?? 0n;
  });
}

/** Flows of one name match the same bits at one priority. */
function nameOf({ match, priority, actions }: Flow): string {
  const { inPort, fields, unknown } = match;
  let name = `${priority} ${inPort === undefined ? "" : "p"}${unknown === undefined ? "" : "?"}${isConjunctive({ actions }) ? "&" : ""}`;
  for (const { field, mask } of fields) name += maskName(field, mask);
  return name;
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
