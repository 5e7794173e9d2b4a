/**
 * Who may open what to whom by the tables of a bridge, before and after an install: over whole sets of packets, from
 * the flows alone. A connection is open if some packet that begins it is delivered; answers and fragments follow it.
 */

import type { Flow } from "../../openflow/flow.js";
import { controllerPort, localPort } from "../../openflow/match.js";
import type { PortNumbers } from "../../openflow/print.js";
import type { CheckedPolicy } from "../../policy/checked-policy.js";
import type { Inventory } from "../../policy/inventory.js";
import type { Node } from "../proof/diagram.js";
import { Fence, type FencedPort } from "../proof/fence.js";
import { FlowTable } from "../proof/flow-groups.js";
import { HeaderSets } from "../proof/header-sets.js";
import { unknown } from "../proof/outcome.js";
import { constantsOf } from "../proof/packet-kind.js";
import { Relevance } from "../proof/relevance.js";
import { TableWalk } from "../proof/table-walk.js";
import { FamilyReach } from "./family-reach.js";
import type { ReachChange } from "./reach-change.js";

export interface InstallReachInput {
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly node: string;
  readonly rail: string;
  /** All flows on the bridge now, and all there will be, those of others too. */
  readonly before: readonly Flow[];
  readonly after: readonly Flow[];
  readonly portNumbers: PortNumbers;
}

export interface InstallReach {
  readonly changes: readonly ReachChange[];
  /** Ports of which it cannot be said: flows there do what is not known (NORMAL, groups, connection tracking). */
  readonly unknownPorts: readonly string[];
}

export function installReach(input: InstallReachInput): InstallReach {
  const sets = new HeaderSets();
  const fence = new Fence(sets, input);
  const changes: ReachChange[] = [];
  const unknownPorts = new Set<string>();
  for (const family of [4, 6] as const) {
    const kind = family === 4 ? "ipv4" : "ipv6";
    const walks = [input.before, input.after].map((flows) => {
      const tables = new Map(
        [...groupedByTable(flows)].map(([table, own]) => [
          table,
          new FlowTable(table, own, input.portNumbers),
        ]),
      );
      const walked = { tables, relevance: new Relevance(tables), portNumbers: input.portNumbers };
      return new TableWalk(sets, constantsOf(kind), walked);
    });
    const reach = new FamilyReach(fence, family);
    for (const port of fence.ports()) {
      if (port.from === "host") continue;
      const [was, is] = walks.map((walk) => deliveredBy(sets, walk, port));
      if (was === undefined || is === undefined) {
        unknownPorts.add(port.name);
        continue;
      }
      changes.push(...reach.changes(port, was, is));
    }
  }
  return { changes, unknownPorts: [...unknownPorts] };
}

function groupedByTable(flows: readonly Flow[]): ReadonlyMap<number, Flow[]> {
  const byTable = new Map<number, Flow[]>();
  for (const flow of flows) {
    const own = byTable.get(flow.table);
    if (own === undefined) byTable.set(flow.table, [flow]);
    else own.push(flow);
  }
  return byTable;
}

/** Packets that leave by a port that is not the host's, and not only to a controller; undefined where of some of them it is not known. */
function deliveredBy(sets: HeaderSets, walk: TableWalk, { port }: FencedPort): Node | undefined {
  const outcomes = walk.outcomesFor(port);
  const { values } = sets.operations.valuesOf(outcomes);
  if (values.includes(unknown)) return undefined;
  const isDelivered = (value: number) =>
    walk.outcomes
      .sentIn(walk.outcomes.resolve(value, port))
      .some(({ port: to }) => to !== localPort && to !== controllerPort);
  return sets.operations.mapValues(outcomes, (value) => (isDelivered(value) ? 1 : 0));
}
