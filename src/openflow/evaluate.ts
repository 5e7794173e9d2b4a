/** What tables do with one packet, exactly as Open vSwitch does it, or an admission that it cannot be known. */

import type { Action, WrittenAction } from "./action.js";
import { type ActionSet, actionsOfSet } from "./action-set.js";
import { changesType, discoveryFieldsOf, hasDiscoveryField } from "./discovery-fields.js";
import { type Doubt, doubtOf } from "./doubt.js";
import { type FieldName, fieldOf, fieldsInOrder } from "./field.js";
import { findFlows } from "./find-flows.js";
import type { Flow } from "./flow.js";
import {
  deepens,
  deepestResubmit,
  lookupsAfter,
  mostLookups,
  mostResubmits,
} from "./lookup-limit.js";
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
  /**
   * The flow that led on once more than Open vSwitch follows: it drops the packet then, whatever was sent before
   * (XLATE_RECURSION_TOO_DEEP, XLATE_TOO_MANY_RESUBMITS). Circles end so.
   */
  readonly givenUpAt?: Flow;
  /** What is known of a single packet, while a proof of many may leave it open: only then is there one. */
  readonly openToProof?: Doubt;
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

export interface EvaluationStart {
  /** Where the packet came in. */
  readonly inPort: Port;
  /** 0 unless said otherwise. */
  readonly table?: number;
}

export function evaluate(tables: Tables, packet: PacketFields, start: EvaluationStart): Evaluation {
  const values: Values = fieldsInOrder.map(({ name }) => packet.get(name) ?? 0n);
  const run = new Run(tables, values, resolvePort(start.inPort, tables.portNumbers));
  run.through(start.table ?? 0);
  const { path, doubt, givenUpAt, openToProof } = run;
  return {
    ...{ path, fields: toFields(values) },
    outputs: givenUpAt === undefined ? run.outputs : [],
    ...(doubt === undefined ? {} : { doubt }),
    ...(givenUpAt === undefined ? {} : { givenUpAt }),
    ...(openToProof === undefined ? {} : { openToProof }),
  };
}

/** The actions of a flow that the packet met, as far as they are not done. */
interface Waiting {
  readonly flow: Flow;
  at: number;
  /** How many lists it is inside of, see `deepens`. */
  readonly depth: number;
}

class Run {
  readonly path: Step[] = [];
  readonly outputs: Output[] = [];
  doubt: Doubt | undefined;
  givenUpAt: Flow | undefined;
  openToProof: Doubt | undefined;
  /** See `lookupsAfter`. */
  #lookups = 0;
  #isTypeChanged = false;
  readonly #inPort: Port;
  readonly #tables: Tables;
  readonly #values: Values;
  /** As Open vSwitch counts. */
  #resubmits = 0;
  #actionSet: ActionSet = [];
  /** The last one is being done, the others are those whose `resubmit` led there. */
  readonly #waiting: Waiting[] = [];

  constructor(tables: Tables, values: Values, inPort: Port) {
    this.#tables = tables;
    this.#values = values;
    this.#inPort = inPort;
  }

  through(table: number): void {
    this.#enter(table, this.#inPort, 0);
    for (let list = this.#waiting.at(-1); list !== undefined; list = this.#waiting.at(-1)) {
      const action = list.flow.actions[list.at++];
      if (action === undefined) this.#waiting.pop();
      else this.#apply(action, list);
      if (this.doubt !== undefined || this.givenUpAt !== undefined) return;
    }
    // all tables are done
    const last = this.path.findLast(({ flow }) => flow !== undefined)?.flow;
    for (const action of actionsOfSet(this.#actionSet)) this.#perform(action, last);
  }

  /** `asPort` is what the lookup takes for the input port: `resubmit` may say another. */
  #enter(table: number, asPort: Port, depth: number): void {
    const { flows: found, conjunctive } = findFlows(this.#tables, table, asPort, this.#values);
    const [flow] = found;
    if (flow === undefined) {
      // OpenFlow 1.3 and later: a table miss drops
      this.path.push({ table });
      return;
    }
    this.doubt = doubtOf(found);
    if (this.doubt !== undefined) return;
    this.path.push({ table, flow, ...(conjunctive && { conjunctive }) });
    this.#waiting.push({ flow, at: 0, depth });
  }

  #goOn(table: number, asPort: Port, { flow, depth }: Waiting): void {
    if (depth >= deepestResubmit || this.#resubmits >= mostResubmits) {
      this.givenUpAt = flow;
      return;
    }
    this.#resubmits++;
    this.#enter(table, asPort, depth + (deepens(flow.table, table) ? 1 : 0));
  }

  #apply(action: Action, list: Waiting): void {
    const { flow } = list;
    switch (action.kind) {
      case "goto":
        if (action.table <= flow.table) {
          this.doubt = { kind: "goes-back", flow };
          return;
        }
        if (this.#lookups > 0) this.#lookups++;
        this.#goOn(action.table, this.#inPort, list);
        return;
      case "resubmit": {
        this.#lookups = lookupsAfter(this.#lookups, flow.table);
        if (this.#lookups > mostLookups) this.openToProof ??= { kind: "too-deep", flow };
        const port =
          action.port === undefined || action.port === backToSender
            ? this.#inPort
            : resolvePort(action.port, this.#tables.portNumbers);
        this.#goOn(action.table ?? flow.table, port, list);
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
        this.#perform(action, flow);
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

  #perform(action: WrittenAction, flow: Flow | undefined): void {
    if (!this.#hasFieldsOf(action, flow)) return;
    this.#isTypeChanged ||= changesType(action);
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
        this.#set(action.to, this.#valueOf(action.from), undefined);
        return;
      case "queue":
    }
  }

  #hasFieldsOf(action: WrittenAction, flow: Flow | undefined): boolean {
    const fields = discoveryFieldsOf(action);
    if (fields.length === 0) return true;
    if (this.#isTypeChanged && flow !== undefined)
      this.openToProof ??= { kind: "unknown-action", flow, text: printActions([action]) };
    const [type, code] = [this.#valueOf("icmpv6_type"), this.#valueOf("icmpv6_code")];
    return fields.every((name) => hasDiscoveryField(name, type, code));
  }

  #valueOf(name: FieldName): bigint {
    return this.#values[fieldOf(name).index] as bigint;
  }

  #send(port: Port): void {
    // never back to where it came from, unless told so by name (OpenFlow 1.4, section 7.2.1)
    if (port === this.#inPort) return;
    const to = port === backToSender ? this.#inPort : port;
    this.outputs.push({ port: to, fields: toFields(this.#values) });
  }

  #set(name: FieldName, value: bigint, mask: bigint | undefined): void {
    const { index } = fieldOf(name);
    const before = this.#values[index] as bigint;
    this.#values[index] = mask === undefined ? value : (before & ~mask) | value;
  }
}

function toFields(values: Values): PacketFields {
  const fields = new Map<FieldName, bigint>();
  for (const [index, value] of values.entries())
    if (value !== 0n) fields.set((fieldsInOrder[index] as { name: FieldName }).name, value);
  return fields;
}
