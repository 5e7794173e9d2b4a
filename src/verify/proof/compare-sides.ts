/**
 * Whether the tables of a rail do what the policy says, for every packet that can come in at a port of the fence. Both
 * are functions from packets to outcomes, made by code that shares nothing; where they are not the same function, the
 * packets of the difference are a set like any other.
 */

import type { Flow } from "../../openflow/flow.js";
import type { PortNumbers } from "../../openflow/print.js";
import type { CheckedPolicy } from "../../policy/checked-policy.js";
import type { Inventory } from "../../policy/inventory.js";
import { isTerminal, type Node, nothing, terminalOf, valueIn } from "./diagram.js";
import { Fence, type FencedPort } from "./fence.js";
import { type FlowTable, groupFlows } from "./flow-groups.js";
import { HeaderSets } from "./header-sets.js";
import { type Operation, undecided } from "./operations.js";
import { type OutcomeId, unknown } from "./outcome.js";
import { carePackets, constantsOf, type PacketKindName, packetKinds } from "./packet-kind.js";
import { PolicyOutcomes } from "./policy-outcomes.js";
import { PolicyOfPods } from "./policy-pod.js";
import { PolicyOfUplink } from "./policy-uplink.js";
import { Relevance } from "./relevance.js";
import { TableWalk, type WalkedTables } from "./table-walk.js";

export interface ProofInput {
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly node: string;
  readonly rail: string;
  /** Everything that the bridge holds, flows of others too. */
  readonly flows: readonly Flow[];
  /** OpenFlow numbers of the bridge's ports by name: needed where flows name them by number. */
  readonly portNumbers?: PortNumbers | undefined;
}

/** Packets of one kind from one port with which the tables do another thing than the policy says. */
export interface Difference {
  readonly port: FencedPort;
  readonly kind: PacketKindName;
  readonly packets: Node;
  readonly policy: OutcomeId;
  readonly tables: OutcomeId;
}

export interface Comparison {
  readonly fence: Fence;
  readonly walks: ReadonlyMap<PacketKindName, TableWalk>;
  readonly differences: readonly Difference[];
}

export function compareSides(input: ProofInput): Comparison {
  const sets = new HeaderSets();
  const portNumbers = input.portNumbers ?? new Map();
  const fence = new Fence(sets, { ...input, portNumbers });
  const tables = tablesOf(input.flows, portNumbers);
  const walked: WalkedTables = { tables, relevance: new Relevance(tables), portNumbers };
  const walks = new Map<PacketKindName, TableWalk>();
  const differences: Difference[] = [];
  for (const kind of packetKinds) {
    const walk = new TableWalk(sets, constantsOf(kind), walked);
    walks.set(kind, walk);
    const outcomes = new PolicyOutcomes(fence, walk.outcomes, walk.substitutions);
    const pods = new PolicyOfPods(fence, outcomes);
    const uplink = new PolicyOfUplink(fence, outcomes);
    const care = carePackets(sets, kind);
    for (const port of fence.ports()) {
      const expected =
        port.from === "host"
          ? terminalOf(outcomes.unchangedTo(fence.uplink))
          : port.from === "uplink"
            ? uplink.outcomes(kind)
            : pods.outcomes(port.from, kind);
      const found = walk.outcomesFor(port.port);
      differences.push(...differencesOf(sets, walk, { port, kind, expected, found, care }));
    }
  }
  return { fence, walks, differences };
}

function tablesOf(
  flows: readonly Flow[],
  portNumbers: PortNumbers,
): ReadonlyMap<number, FlowTable> {
  const byTable = new Map<number, Flow[]>();
  for (const flow of flows) {
    const own = byTable.get(flow.table);
    if (own === undefined) byTable.set(flow.table, [flow]);
    else own.push(flow);
  }
  return new Map([...byTable].map(([table, own]) => [table, groupFlows(table, own, portNumbers)]));
}

interface Compared {
  readonly port: FencedPort;
  readonly kind: PacketKindName;
  readonly expected: Node;
  readonly found: Node;
  readonly care: Node;
}

function differencesOf(
  sets: HeaderSets,
  walk: TableWalk,
  { port, kind, expected, found, care }: Compared,
): Difference[] {
  const { operations } = sets;
  const pairs: { readonly policy: OutcomeId; readonly tables: OutcomeId }[] = [];
  const numbers = new Map<string, number>();
  const compared: Operation = operations.operation((one, other) => {
    if (!isTerminal(one) || !isTerminal(other)) return undecided;
    const policy = valueIn(one);
    const tables = walk.outcomes.resolve(valueIn(other), port.port);
    if (policy === tables) return nothing;
    const key = `${policy} ${tables}`;
    const number = numbers.get(key) ?? pairs.push({ policy, tables });
    numbers.set(key, number);
    return terminalOf(number);
  });
  const different = operations.combine(compared, expected, found);
  if (different === nothing) return [];
  const real = operations.choose(care, different, nothing);
  const { values } = operations.valuesOf(real);
  return values.flatMap((value) => {
    const pair = pairs[value - 1];
    if (pair === undefined) return [];
    const packets = operations.and(
      operations.whereValue(real, value),
      walk.outcomes.whereDifferent(pair.policy, pair.tables),
    );
    return packets === nothing ? [] : [{ port, kind, packets, ...pair }];
  });
}

export function isUnknown({ tables }: Difference): boolean {
  return tables === unknown;
}
