/**
 * Packets with what the policy has them be, held against tables one by one. A change of tables is held against those
 * packets alone that come to them: whoever does not come to a table cannot notice what it holds.
 */

import { evaluate } from "../../src/openflow/evaluate.js";
import type { Flow } from "../../src/openflow/flow.js";
import { localPort } from "../../src/openflow/match.js";
import { fieldsOf, type PacketFields } from "../../src/openflow/packet-fields.js";
import { type Tables, tablesOf } from "../../src/openflow/tables.js";
import { decide } from "../../src/policy/decide.js";
import type { Decision } from "../../src/policy/decision.js";
import type { SmallPacket, SmallPort, SmallWorld } from "./neighbour-space.js";

interface Case {
  readonly inPort: number;
  readonly packet: PacketFields;
  readonly expected: string;
}

export type Found = "same" | "differs" | "doubt";

export class CountedCases {
  readonly passing: number;
  readonly size: number;
  readonly #cases: readonly Case[];
  readonly #flows: readonly Flow[];
  readonly #byTable = new Map<number, Case[]>();
  readonly #portNumbers: ReadonlyMap<string, number>;
  /** Ports of endpoints: all that counts of what a stray port sends. */
  readonly #endpoints: ReadonlySet<number>;

  constructor(world: SmallWorld, flows: readonly Flow[], packets: Iterable<SmallPacket>) {
    const { inventory, portNumbers } = world;
    this.#portNumbers = portNumbers;
    this.#flows = flows;
    const named = inventory.endpoints.map(({ representor }) => portNumbers.get(representor ?? ""));
    this.#endpoints = new Set(named.filter((one) => one !== undefined));
    this.#cases = [...packets].map(({ port, frame }) => {
      const inPort = this.#numberOf(port);
      const packet = fieldsOf(frame);
      if (port === "stray") return { inPort, packet, expected: "" };
      const decision = decide(world.policy, inventory, { ...world, port, frame });
      return { inPort, packet, expected: this.#printed(decision, inPort) };
    });
    this.size = this.#cases.length;
    this.passing = this.#cases.filter(({ expected }) => expected !== "").length;
  }

  /** How the tables without any change treat them; remembers which packets come to which table. */
  ofAll(): Found {
    const tables = tablesOf(this.#flows, this.#portNumbers);
    return this.#found(this.#cases, (one) => {
      const { path } = evaluate(tables, one.packet, { inPort: one.inPort });
      for (const { table } of path) {
        const own = this.#byTable.get(table);
        if (own === undefined) this.#byTable.set(table, [one]);
        else own.push(one);
      }
      return this.#judge(tables, one);
    });
  }

  /** How many of the packets come to the table; `ofAll` comes first. */
  comingTo(table: number): number {
    return this.#byTable.get(table)?.length ?? 0;
  }

  /** How they are treated when flows of those tables are others. */
  ofChanged(flows: readonly Flow[], changed: Iterable<number>): Found {
    const tables = tablesOf(flows, this.#portNumbers);
    const concerned = new Set([...changed].flatMap((table) => this.#byTable.get(table) ?? []));
    return this.#found(concerned, (one) => this.#judge(tables, one));
  }

  /** How they are treated with flows beside the others. A packet that none of them takes in table 0 does not notice. */
  ofAdded(added: readonly Flow[]): Found {
    const tables = tablesOf([...this.#flows, ...added], this.#portNumbers);
    const concerned = new Set<Case>();
    for (const flow of added)
      for (const one of this.#byTable.get(flow.table) ?? [])
        if (flow.table > 0 || takes(flow, one)) concerned.add(one);
    return this.#found(concerned, (one) => this.#judge(tables, one));
  }

  #found(cases: Iterable<Case>, judge: (one: Case) => Found): Found {
    let found: Found = "same";
    for (const one of cases) {
      const is = judge(one);
      if (is === "differs") return is;
      if (is === "doubt") found = is;
    }
    return found;
  }

  #judge(tables: Tables, { inPort, packet, expected }: Case): Found {
    const { outputs, doubt } = evaluate(tables, packet, { inPort });
    if (doubt !== undefined) return "doubt";
    const isStray = inPort === this.#portNumbers.get("stray");
    const counted = outputs.filter(
      ({ port }) => !isStray || (typeof port === "number" && this.#endpoints.has(port)),
    );
    const is = counted.map(({ port, fields }) => outcome(port, sent(fields, packet))).sort();
    return is.join(" ") === expected ? "same" : "differs";
  }

  #printed(decision: Decision, inPort: number): string {
    if (decision.kind === "drop") return "";
    const port = decision.kind === "answer" ? inPort : this.#numberOf(decision.to);
    return outcome(port, fieldsOf(decision.frame));
  }

  #numberOf(port: SmallPort): number {
    if (port === "host") return localPort;
    const name = port === "uplink" ? "p0" : port === "stray" ? port : port.representor;
    return this.#portNumbers.get(name) as number;
  }
}

/** As it came in: registers are zero. Ports of fragments are looked at all the same, so it may be too many. */
function takes({ match }: Flow, { packet, inPort }: Case): boolean {
  if (match.inPort !== undefined && match.inPort !== inPort) return false;
  const isFragment = packet.has("nw_frag") && packet.get("nw_frag") !== 0n;
  return match.fields.every(
    ({ field, value, mask }) =>
      (isFragment && field.startsWith("tp_")) || ((packet.get(field) ?? 0n) & mask) === value,
  );
}

/** Open vSwitch rewrites the option that is there and adds none (packet_set_nd() in lib/packets.c). */
function sent(fields: PacketFields, packet: PacketFields): PacketFields {
  const hasOption = (packet.get("nd_sll") ?? 0n) !== 0n;
  return hasOption ? fields : new Map([...fields].filter(([name]) => name !== "nd_sll"));
}

/** Every header, without registers, which are not sent, and without zeros, which are no headers. */
function outcome(port: number | string, fields: PacketFields): string {
  const headers = [...fields].filter(
    ([name, value]) => value !== 0n && !/^(reg|metadata)/.test(name),
  );
  return `${port}:${headers.map(([name, value]) => `${name}=${value}`).sort()}`;
}
