/** What tables do with one packet, exactly as Open vSwitch does it, or an admission that it cannot be known. */

import type { Action, WrittenAction } from "./action.js";
import { type ActionSet, actionsOfSet } from "./action-set.js";
import { isConjunctive } from "./conjunction.js";
import { type FieldName, fieldOf, fieldsInOrder } from "./field.js";
import { findFlows, isOpaque } from "./find-flows.js";
import type { Flow } from "./flow.js";
import { deepestResubmit, lookupsAfter, mostLookups } from "./lookup-limit.js";
import { inPort as backToSender, controllerPort, type Port } from "./match.js";
import type { PacketFields } from "./packet-fields.js";
import { printActions } from "./print.js";
import { resolvePort, type Tables, type Values } from "./tables.js";

export interface Evaluation {
  readonly path: readonly Step[];
  readonly outputs: readonly Output[];
  /** As they are at the end. */
  readonly fields: PacketFields;
  /** What could not be known; path and outputs then end before it. */
  readonly doubt?: Doubt;
}

/** A table that was looked into; without a flow, nothing matched there. */
export interface Step {
  readonly table: number;
  readonly flow?: Flow;
  /** The flows of lower rank that led to it: see conjunction.ts. */
  readonly conjunctive?: readonly Flow[];
}

/** A copy of the packet, as it was when it was sent: by a port, or to the controllers (`controllerPort`). */
export interface Output {
  readonly port: Port;
  readonly fields: PacketFields;
}

export type Doubt =
  /** The flow might match or not. */
  | { readonly kind: "unknown-match"; readonly flow: Flow }
  | { readonly kind: "unknown-action"; readonly flow: Flow; readonly text: string }
  /** Flows of one priority that do different things: OVS does either. */
  | { readonly kind: "ambiguous"; readonly flows: readonly Flow[] }
  /** `goto_table` leads forward only (OpenFlow 1.4, section 5.1). */
  | { readonly kind: "goes-back"; readonly flow: Flow }
  | { readonly kind: "too-deep"; readonly flow: Flow };

export interface EvaluationStart {
  /** Where the packet came in. */
  readonly inPort: Port;
  /** 0 unless said otherwise. */
  readonly table?: number;
}

export function evaluate(tables: Tables, packet: PacketFields, start: EvaluationStart): Evaluation {
  const values: Values = fieldsInOrder.map(({ name }) => packet.get(name) ?? 0n);
  const run = new Run(tables, values, resolvePort(start.inPort, tables.portNumbers));
  run.enter(start.table ?? 0, run.inPort, 0);
  run.finish();
  return {
    path: run.path,
    outputs: run.outputs,
    fields: toFields(values),
    ...(run.doubt === undefined ? {} : { doubt: run.doubt }),
  };
}

class Run {
  readonly path: Step[] = [];
  readonly outputs: Output[] = [];
  readonly inPort: Port;
  doubt: Doubt | undefined;
  readonly #tables: Tables;
  readonly #values: Values;
  /** See `lookupsAfter`. */
  #lookups = 0;
  #actionSet: ActionSet = [];

  constructor(tables: Tables, values: Values, inPort: Port) {
    this.#tables = tables;
    this.#values = values;
    this.inPort = inPort;
  }

  /** `asPort` is what the lookup takes for the input port: `resubmit` may say another. */
  enter(table: number, asPort: Port, depth: number): void {
    const { flows: found, conjunctive } = findFlows(this.#tables, table, asPort, this.#values);
    const [flow] = found;
    if (flow === undefined) {
      // OpenFlow 1.3 and later: a table miss drops
      this.path.push({ table });
      return;
    }
    const doubt = doubtOf(found);
    if (doubt !== undefined) {
      this.doubt = doubt;
      return;
    }
    this.path.push({ table, flow, ...(conjunctive && { conjunctive }) });
    for (const action of flow.actions) {
      this.#apply(action, flow, depth);
      if (this.doubt !== undefined) return;
    }
  }

  /** All tables are done. */
  finish(): void {
    if (this.doubt !== undefined) return;
    for (const action of actionsOfSet(this.#actionSet)) this.#perform(action);
  }

  #apply(action: Action, flow: Flow, depth: number): void {
    switch (action.kind) {
      case "goto":
        if (action.table <= flow.table) this.doubt = { kind: "goes-back", flow };
        else {
          if (this.#lookups > 0) this.#lookups++;
          this.enter(action.table, this.inPort, depth);
        }
        return;
      case "resubmit": {
        this.#lookups = lookupsAfter(this.#lookups, flow.table);
        if (depth >= deepestResubmit || this.#lookups > mostLookups) {
          this.doubt = { kind: "too-deep", flow };
          return;
        }
        const port =
          action.port === undefined || action.port === backToSender
            ? this.inPort
            : resolvePort(action.port, this.#tables.portNumbers);
        this.enter(action.table ?? flow.table, port, depth + 1);
        return;
      }
      case "write-actions":
        this.#actionSet = [...this.#actionSet, ...action.actions];
        return;
      case "clear-actions":
        this.#actionSet = [];
        return;
      case "output":
      case "controller":
      case "set":
      case "move":
      case "queue":
        this.#perform(action);
        return;
      case "note":
        return;
      case "conjunction":
        this.doubt = { kind: "unknown-action", flow, text: printActions([action]) };
        return;
      case "unknown":
        this.doubt = { kind: "unknown-action", flow, text: action.text };
    }
  }

  #perform(action: WrittenAction): void {
    switch (action.kind) {
      case "output":
        this.#send(resolvePort(action.port, this.#tables.portNumbers));
        return;
      case "controller":
        // OpenFlow has it as an output like any other (1.4, section 7.2.1). What a controller does with its copy no table
        // says, and it may put it back anywhere: a policy that speaks of ports alone never asks for it
        this.outputs.push({ port: controllerPort, fields: toFields(this.#values) });
        return;
      case "set":
        this.#set(action.field, action.value, action.mask);
        return;
      case "move":
        this.#set(action.to, this.#values[fieldOf(action.from).index] as bigint, undefined);
        return;
      case "queue":
    }
  }

  #send(port: Port): void {
    // never back to where it came from, unless told so by name (OpenFlow 1.4, section 7.2.1)
    if (port === this.inPort) return;
    const to = port === backToSender ? this.inPort : port;
    this.outputs.push({ port: to, fields: toFields(this.#values) });
  }

  #set(name: FieldName, value: bigint, mask: bigint | undefined): void {
    const { index } = fieldOf(name);
    const before = this.#values[index] as bigint;
    this.#values[index] = mask === undefined ? value : (before & ~mask) | value;
  }
}

function doubtOf(found: readonly Flow[]): Doubt | undefined {
  const opaque = found.find(isOpaque);
  if (opaque !== undefined) return { kind: "unknown-match", flow: opaque };
  if (found.some(isConjunctive)) return { kind: "ambiguous", flows: found };
  if (found.length === 1) return undefined;
  const actions = new Set(found.map((flow) => printActions(flow.actions)));
  return actions.size === 1 ? undefined : { kind: "ambiguous", flows: found };
}

function toFields(values: Values): PacketFields {
  const fields = new Map<FieldName, bigint>();
  for (const [index, value] of values.entries())
    if (value !== 0n) fields.set((fieldsInOrder[index] as { name: FieldName }).name, value);
  return fields;
}
