/**
 * Flows made ready for looking packets up: as in OVS's own classifier, the flows of a table that match the same bits
 * form a shape, which is one hash table, and shapes are tried by falling priority.
 */

import { type FieldName, fieldOf } from "./field.js";
import type { Flow } from "./flow.js";
import { type Port, portOf } from "./match.js";
import type { PortNumbers } from "./print.js";

export interface Tables {
  readonly byNumber: ReadonlyMap<number, readonly Shape[]>;
  readonly portNumbers: PortNumbers;
}

interface Shape {
  readonly matchesPort: boolean;
  readonly fields: readonly { readonly index: number; readonly mask: bigint }[];
  /** The highest of its flows. */
  readonly priority: number;
  /** By falling priority. */
  readonly flows: ReadonlyMap<string, readonly Flow[]>;
}

/** `portNumbers` makes a port's name and its number the same port; without it, each means only itself. */
export function tablesOf(flows: Iterable<Flow>, portNumbers: PortNumbers = new Map()): Tables {
  const tables = new Map<number, Map<string, Growing>>();
  for (const flow of flows) {
    const shapes = tables.get(flow.table) ?? new Map<string, Growing>();
    tables.set(flow.table, shapes);
    const shape = shapeOf(shapes, flow);
    shape.priority = Math.max(shape.priority, flow.priority);
    const key = keyOfFlow(flow, portNumbers);
    const alike = shape.flows.get(key);
    if (alike === undefined) shape.flows.set(key, [flow]);
    else alike.push(flow);
  }
  const byNumber = new Map<number, readonly Shape[]>();
  for (const [table, shapes] of tables) {
    const sorted = [...shapes.values()].sort((one, other) => other.priority - one.priority);
    for (const { flows: byKey } of sorted)
      for (const alike of byKey.values()) alike.sort((one, other) => other.priority - one.priority);
    byNumber.set(table, sorted);
  }
  return { byNumber, portNumbers };
}

interface Growing extends Shape {
  priority: number;
  readonly flows: Map<string, Flow[]>;
}

function shapeOf(shapes: Map<string, Growing>, flow: Flow): Growing {
  const { inPort, fields } = flow.match;
  const masks = fields.map(({ field, mask }) => `${field}/${mask.toString(16)}`).join();
  const name = `${inPort !== undefined}|${masks}`;
  const known = shapes.get(name);
  if (known !== undefined) return known;
  const shape: Growing = {
    matchesPort: inPort !== undefined,
    fields: fields.map(({ field, mask }) => ({ index: fieldOf(field).index, mask })),
    priority: flow.priority,
    flows: new Map(),
  };
  shapes.set(name, shape);
  return shape;
}

/** The number where it is known, so that a name and a number compare. */
export function resolvePort(port: Port, portNumbers: PortNumbers): Port {
  const known = portOf(port);
  return typeof known === "number" ? known : (portNumbers.get(known) ?? known);
}

/** A packet's values by field index, zero where it has none. */
export type Values = bigint[];

/** The wanted flows that match and that none of higher priority hides; more than one only if their priorities are equal. */
export function lookUp(
  tables: Tables,
  table: number,
  inPort: Port,
  values: Values,
  isWanted: (flow: Flow, ofOneMatch: readonly Flow[]) => boolean = () => true,
): readonly Flow[] {
  let best: Flow[] = [];
  let priority = -1;
  for (const shape of tables.byNumber.get(table) ?? []) {
    if (shape.priority < priority) break;
    const ofOneMatch = shape.flows.get(keyOfPacket(shape, inPort, values)) ?? [];
    for (const flow of ofOneMatch) {
      if (flow.priority < priority) break;
      if (!isWanted(flow, ofOneMatch)) continue;
      if (flow.priority > priority) best = [];
      priority = flow.priority;
      best.push(flow);
    }
  }
  return best;
}

function keyOfFlow(flow: Flow, portNumbers: PortNumbers): string {
  const { inPort, fields } = flow.match;
  let key = inPort === undefined ? "" : portKey(resolvePort(inPort, portNumbers));
  for (const { value } of fields) key += `,${value.toString(36)}`;
  return key;
}

function keyOfPacket(shape: Shape, inPort: Port, values: Values): string {
  let key = shape.matchesPort ? portKey(inPort) : "";
  for (const { index, mask } of shape.fields)
    key += `,${((values[index] as bigint) & mask).toString(36)}`;
  return key;
}

function portKey(port: Port): string {
  return typeof port === "number" ? `#${port}` : port;
}

/** Fields that frames do not say (net/packet.ts): whether a flow that looks at one matches cannot be known. */
export const unknowableFields: ReadonlySet<FieldName> = new Set(["nd_reserved", "nd_options_type"]);
