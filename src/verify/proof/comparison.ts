/**
 * Whether the tables of a rail do what the policy says, for every packet that can come in at a port of the fence. Both
 * are functions from packets to outcomes, made by code that shares nothing; where they are not the same function, the
 * packets of the difference are a set like any other.
 */

import type { Flow } from "../../openflow/flow.js";
import type { PortNumbers } from "../../openflow/print.js";
import type { CheckedPolicy } from "../../policy/checked-policy.js";
import type { Inventory } from "../../policy/inventory.js";
import type { Node } from "./diagram.js";
import type { Fence, ProvedPort, StrangerPort } from "./fence.js";
import { type OutcomeId, unknown } from "./outcome.js";
import type { PacketKindName } from "./packet-kind.js";
import type { TableWalk } from "./table-walk.js";

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
  readonly port: ProvedPort;
  readonly kind: PacketKindName;
  readonly packetsOf: () => Node;
  readonly policy: OutcomeId;
  readonly tables: OutcomeId;
}

export interface Comparison {
  readonly fence: Fence;
  readonly walks: ReadonlyMap<PacketKindName, TableWalk>;
  readonly strangers: readonly StrangerPort[];
  readonly differences: readonly Difference[];
}

export function isUnknown({ tables }: Difference): boolean {
  return tables === unknown;
}
