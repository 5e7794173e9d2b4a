/**
 * The two sides of a rail, held against each other and kept: the policy's, and what the flows do. When a flow comes or
 * goes, only what it can touch is looked at again.
 */

import type { Flow } from "../../openflow/flow.js";
import type { Port } from "../../openflow/match.js";
import type { PortNumbers } from "../../openflow/print.js";
import type { Comparison, Difference, ProofInput } from "./comparison.js";
import { Diagrams, type Node, terminalOf } from "./diagram.js";
import { Fence, type ProvedPort, type StrangerPort } from "./fence.js";
import { FlowTable } from "./flow-groups.js";
import { HeaderSets } from "./header-sets.js";
import { Operations } from "./operations.js";
import { dropped } from "./outcome.js";
import { carePackets, constantsOf, type PacketKindName, packetKinds } from "./packet-kind.js";
import { PolicyOutcomes } from "./policy-outcomes.js";
import { PolicyOfPods } from "./policy-pod.js";
import { PolicyOfUplink } from "./policy-uplink.js";
import { Relevance } from "./relevance.js";
import { SideComparison } from "./side-comparison.js";
import { TableWalk, type WalkedTables } from "./table-walk.js";

/** Room for the nodes of some thousand changes: the first proof of a rail makes a hundred nodes for each flow. */
const nodesForFlow = 512;
/** So many times as many nodes as in the beginning: what is not needed any more is then thrown away with the rest. */
const leastGrowth = 4;

interface Watched {
  readonly port: ProvedPort;
  readonly kind: PacketKindName;
  readonly walk: TableWalk;
  readonly comparison: SideComparison;
  found?: Node;
  differences: readonly Difference[];
}

export class RailProver {
  readonly #input: Omit<ProofInput, "flows">;
  readonly #flows: Set<Flow>;
  readonly #portNumbers: PortNumbers;
  #tables = new Map<number, FlowTable>();
  #fence!: Fence;
  #relevance!: Relevance;
  #walks = new Map<PacketKindName, TableWalk>();
  #strangers: readonly StrangerPort[] = [];
  #watched: Watched[] = [];
  #sizeAtFirst = 0;

  constructor({ flows, ...input }: ProofInput) {
    this.#input = input;
    this.#flows = new Set(flows);
    this.#portNumbers = input.portNumbers ?? new Map();
    this.#begin();
  }

  get flows(): ReadonlySet<Flow> {
    return this.#flows;
  }

  compare(): Comparison {
    for (const one of this.#watched) {
      const found = one.walk.outcomesFor(one.port.port);
      // equal functions are one node
      if (found === one.found) continue;
      one.found = found;
      one.differences = one.comparison.differences(found);
    }
    if (this.#sizeAtFirst === 0) this.#sizeAtFirst = this.#fence.sets.operations.diagrams.size;
    return {
      fence: this.#fence,
      walks: this.#walks,
      strangers: this.#strangers,
      differences: this.#watched.flatMap(({ differences }) => differences),
    };
  }

  /** Flows are told by what they are, not by what they say: `removed` are values that were given before. */
  change(removed: Iterable<Flow>, added: Iterable<Flow>): Comparison {
    // in circles each place is one of certain packets, and these are others now
    let isNew =
      this.#relevance.leadsBack || this.#fence.sets.operations.diagrams.size > this.#mostNodes();
    for (const flow of removed) {
      this.#flows.delete(flow);
      this.#tables.get(flow.table)?.remove(flow);
      this.#forget(flow);
    }
    for (const flow of added) {
      this.#flows.add(flow);
      const table = this.#tables.get(flow.table);
      isNew ||= this.#isNewStranger(flow);
      isNew ||= table === undefined || table.isNew(flow) || !this.#relevance.covers(table, flow);
      if (isNew) continue;
      table?.add(flow);
      this.#forget(flow);
    }
    if (isNew) this.#begin();
    return this.compare();
  }

  /** Where it is not known which ports there are, those that flows name are told apart. */
  #isNewStranger({ match: { inPort } }: Flow): boolean {
    if (inPort === undefined) return false;
    const known = new Set(this.#strangers.map(({ port }) => port));
    return this.#fence.strangers([inPort]).some(({ port }) => !known.has(port));
  }

  #mostNodes(): number {
    const { capacity } = this.#fence.sets.operations.diagrams;
    return Math.max(capacity * 0.95, this.#sizeAtFirst * leastGrowth);
  }

  #forget(flow: Flow): void {
    for (const walk of this.#walks.values()) walk.forget(flow);
  }

  #begin(): void {
    const diagrams = new Diagrams(this.#flows.size * nodesForFlow);
    const sets = new HeaderSets(new Operations(diagrams));
    const portNumbers = this.#portNumbers;
    this.#sizeAtFirst = 0;
    this.#fence = new Fence(sets, { ...this.#input, portNumbers });
    this.#tables = flowTablesOf(this.#flows, portNumbers);
    this.#relevance = new Relevance(this.#tables);
    const walked = { tables: this.#tables, relevance: this.#relevance, portNumbers };
    this.#walks = new Map();
    this.#strangers = this.#fence.strangers(namedPorts(this.#flows));
    this.#watched = packetKinds.flatMap((kind) => this.#watch(sets, kind, walked));
  }

  #watch(sets: HeaderSets, kind: PacketKindName, walked: WalkedTables): Watched[] {
    const fence = this.#fence;
    const walk = new TableWalk(sets, constantsOf(kind), walked);
    this.#walks.set(kind, walk);
    const outcomes = new PolicyOutcomes(fence, walk.outcomes, walk.substitutions);
    const pods = new PolicyOfPods(fence, outcomes);
    const uplink = new PolicyOfUplink(fence, outcomes);
    const care = carePackets(sets, kind);
    const endpoints = fence.endpointPorts();
    return [...fence.ports(), ...this.#strangers].map((port) => {
      const expected =
        port.from === "stranger"
          ? terminalOf(dropped)
          : port.from === "host"
            ? terminalOf(outcomes.unchangedTo(fence.uplink))
            : port.from === "uplink"
              ? uplink.outcomes(kind)
              : pods.outcomes(port.from, kind);
      const counted = port.from === "stranger" ? endpoints : undefined;
      const compared = { port, kind, expected, counted, care };
      const comparison = new SideComparison(sets, walk.outcomes, compared);
      return { port, kind, walk, comparison, differences: [] };
    });
  }
}

function namedPorts(flows: Iterable<Flow>): ReadonlySet<Port> {
  const named = new Set<Port>();
  for (const { match } of flows) if (match.inPort !== undefined) named.add(match.inPort);
  return named;
}

export function flowTablesOf(
  flows: Iterable<Flow>,
  portNumbers: PortNumbers,
): Map<number, FlowTable> {
  const byTable = new Map<number, Flow[]>();
  for (const flow of flows) {
    const own = byTable.get(flow.table);
    if (own === undefined) byTable.set(flow.table, [flow]);
    else own.push(flow);
  }
  return new Map(
    [...byTable].map(([table, own]) => [table, new FlowTable(table, own, portNumbers)]),
  );
}
