/** Flows that are being written in other words: what every rewriting needs to know of them, and what is still free. */

import type { Action } from "../../../src/openflow/action.js";
import { type FieldName, lastRegister, registerName } from "../../../src/openflow/field.js";
import type { Flow } from "../../../src/openflow/flow.js";
import type { Random } from "../random.js";

/** Every one may come on top of the others on one packet's way; Open vSwitch follows 64 inside each other. */
const mostResubmits = 24;
/** Table 254 is Open vSwitch's own. */
const lastTable = 253;

export class Draft {
  readonly random: Random;
  flows: readonly Flow[];
  /** Registers that may hold anything, for nobody reads them. */
  spare: readonly FieldName[];
  /** Registers that the flows use. */
  used: readonly FieldName[];
  /** A register that nobody writes. */
  readonly unwritten: FieldName;
  readonly #flags: FieldName[];
  readonly #tables: Set<number>;
  #grouped?: { readonly flows: readonly Flow[]; readonly tables: Map<number, readonly Flow[]> };
  #resubmits = 0;
  #conjunctions = 0n;

  constructor(random: Random, flows: readonly Flow[]) {
    this.random = random;
    this.flows = flows;
    this.#tables = new Set(flows.map(({ table }) => table));
    this.used = registersIn(flows);
    const free = random.shuffled(registers.filter((name) => !this.used.includes(name)));
    this.unwritten = free.pop() as FieldName;
    this.#flags = free.splice(0, 4);
    this.spare = free;
  }

  /** A register that is zero in every packet and that nobody has asked for. */
  flag(): FieldName | undefined {
    return this.#flags.pop();
  }

  conjunctionId(): bigint {
    this.#conjunctions += 1n + BigInt(this.random.below(1000));
    return this.#conjunctions;
  }

  /** Whether packets may be resubmitted at one more table. */
  mayResubmit(): boolean {
    return this.#resubmits++ < mostResubmits;
  }

  hasRoom(behind: number, before: number): boolean {
    for (let table = behind + 1; table < before; table++) if (!this.#tables.has(table)) return true;
    return false;
  }

  /** A number for a table behind the one and before the other, where there is one left. */
  newTable(behind = 0, before = lastTable + 1): number | undefined {
    const free: number[] = [];
    for (let table = behind + 1; table < before; table++)
      if (!this.#tables.has(table)) free.push(table);
    if (free.length === 0) return undefined;
    const table = this.random.pick(free);
    this.#tables.add(table);
    return table;
  }

  tables(): readonly number[] {
    return [...this.byTable().keys()].sort((one, other) => one - other);
  }

  renumberTables(numbers: ReadonlyMap<number, number>): void {
    this.#tables.clear();
    for (const table of numbers.values()) this.#tables.add(table);
    const moved = (action: Action): Action => {
      if (action.kind === "goto") return { ...action, table: numbers.get(action.table) ?? 0 };
      if (action.kind !== "resubmit" || action.table === undefined) return action;
      return { ...action, table: numbers.get(action.table) ?? 0 };
    };
    this.flows = this.flows.map((flow) => ({
      ...flow,
      table: numbers.get(flow.table) ?? 0,
      actions: flow.actions.map(moved),
    }));
  }

  /** Every table has the same chance, however many flows it has. */
  some(wanted: (flow: Flow) => boolean = () => true): Flow | undefined {
    const tables = [...this.byTable().values()];
    for (let attempt = 0; attempt < 40; attempt++) {
      const flow = this.random.pick(this.random.pick(tables));
      if (wanted(flow)) return flow;
    }
    return undefined;
  }

  /** A flow that is no part of a conjunctive match: what any of these is written as, it is by itself. */
  plain(wanted: (flow: Flow) => boolean = () => true): Flow | undefined {
    return this.some((flow) => isPlain(flow) && wanted(flow));
  }

  byTable(): ReadonlyMap<number, readonly Flow[]> {
    if (this.#grouped?.flows === this.flows) return this.#grouped.tables;
    const tables = new Map<number, Flow[]>();
    for (const flow of this.flows) {
      const own = tables.get(flow.table);
      if (own === undefined) tables.set(flow.table, [flow]);
      else own.push(flow);
    }
    this.#grouped = { flows: this.flows, tables };
    return tables;
  }

  ofTable(table: number): readonly Flow[] {
    return this.byTable().get(table) ?? [];
  }

  replace(flow: Flow, others: readonly Flow[]): void {
    this.flows = this.flows.flatMap((one) => (one === flow ? others : [one]));
  }

  add(...flows: readonly Flow[]): void {
    this.flows = [...this.flows, ...flows];
  }

  /** A priority above that of the flow such that no flow of its table stands between. */
  priorityAbove({ table, priority }: Flow): number | undefined {
    let next = 65536;
    for (const one of this.ofTable(table))
      if (one.priority > priority) next = Math.min(next, one.priority);
    return next - priority < 2 ? undefined : priority + 1 + this.random.below(next - priority - 1);
  }

  cookie(): bigint {
    return this.random.chance(0.5) ? 0n : this.random.bits(48);
  }
}

export function isPlain({ actions, match }: Flow): boolean {
  return (
    actions.every(({ kind }) => kind !== "conjunction") &&
    match.fields.every(({ field }) => field !== "conj_id")
  );
}

const registers: readonly FieldName[] = Array.from({ length: lastRegister + 1 }, (_, index) =>
  registerName(index),
);

function registersIn(flows: readonly Flow[]): FieldName[] {
  const used = new Set<FieldName>();
  for (const { match, actions } of flows) {
    for (const { field } of match.fields) used.add(field);
    for (const action of actions) {
      if (action.kind === "set") used.add(action.field);
      if (action.kind === "move") used.add(action.from).add(action.to);
    }
  }
  return registers.filter((name) => used.has(name));
}
