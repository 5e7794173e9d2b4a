/** What tables do with single packets, and packets that come far in them. */

import { type Evaluation, evaluate } from "../../../src/openflow/evaluate.js";
import { fieldOf } from "../../../src/openflow/field.js";
import type { Flow } from "../../../src/openflow/flow.js";
import { fieldsOf, frameOf, type PacketFields } from "../../../src/openflow/packet-fields.js";
import type { PortNumbers } from "../../../src/openflow/print.js";
import { resolvePort, type Tables, tablesOf } from "../../../src/openflow/tables.js";
import { evaluateEitherWay } from "../../../src/verify/proof/either-way.js";
import type { Random } from "../random.js";

export interface Arriving {
  readonly packet: PacketFields;
  readonly inPort: number;
}

const furthest = 8;

export class Judge {
  readonly #flows: readonly Flow[];
  readonly #tables: Tables;
  /** By table, those that do not drop. */
  readonly #leading: ReadonlyMap<number, readonly Flow[]>;

  constructor(flows: readonly Flow[], portNumbers: PortNumbers) {
    this.#flows = flows;
    this.#tables = tablesOf(flows, portNumbers);
    const leading = new Map<number, Flow[]>();
    for (const flow of flows)
      if (flow.actions.length > 0)
        leading.set(flow.table, [...(leading.get(flow.table) ?? []), flow]);
    this.#leading = leading;
  }

  /** As text, without registers, which are not sent. */
  outcome({ packet, inPort }: Arriving): string {
    const evaluation = evaluate(this.#tables, packet, { inPort });
    if (evaluation.doubt === undefined) return printOutputs(evaluation);
    // flows of one priority with other words for the same actions
    const { portNumbers } = this.#tables;
    const ways = evaluateEitherWay({ flows: this.#flows, portNumbers, packet, inPort }) ?? [];
    const [only, another] = new Set(ways.map(printOutputs));
    return only === undefined || another !== undefined ? "doubt" : only;
  }

  /** Where the packet is dropped on its way, it is made into one that some flow there would take. */
  led(random: Random, arriving: Arriving, goal: Flow): Arriving {
    let { packet } = arriving;
    let inPort = this.#portFor(goal, arriving.inPort);
    for (let turn = 0; turn < furthest; turn++) {
      const { path } = evaluate(this.#tables, packet, { inPort });
      const isThere = path.some(({ table }) => table === goal.table);
      const flows = this.#leading.get(path.at(-1)?.table ?? 0) ?? [];
      const flow = isThere || flows.length === 0 ? goal : random.pick(flows);
      packet = packetFor(random, packet, flow);
      if (flow === goal) break;
      inPort = this.#portFor(flow, inPort);
    }
    return { packet, inPort };
  }

  #portFor({ match }: Flow, otherwise: number): number {
    if (match.inPort === undefined) return otherwise;
    const port = resolvePort(match.inPort, this.#tables.portNumbers);
    return typeof port === "number" ? port : otherwise;
  }
}

/** The packet with what the flow asks for, but sometimes for one bit. Registers, which no frame has, are left out. */
function packetFor(random: Random, packet: PacketFields, { match }: Flow): PacketFields {
  const fields = new Map(packet);
  const asked = match.fields.filter(({ field }) => !/^(reg|metadata|conj_id)/.test(field));
  for (const { field, value, mask } of asked)
    fields.set(field, ((fields.get(field) ?? 0n) & ~mask) | value);
  if (asked.length > 0 && random.chance(0.2)) {
    const { field } = random.pick(asked);
    const bit = 1n << BigInt(random.below(fieldOf(field).full.toString(2).length));
    fields.set(field, (fields.get(field) ?? 0n) ^ bit);
  }
  // as a frame and back: fields that do not go together are none of a frame's
  return fieldsOf(frameOf(fields));
}

function printOutputs({ outputs }: Evaluation): string {
  return outputs
    .map(({ port, fields }) => `${port} ${printHeaders(fields)}`)
    .sort()
    .join();
}

export function printHeaders(fields: PacketFields): string {
  return [...fields]
    .filter(([name]) => !/^reg|^metadata/.test(name))
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join();
}
