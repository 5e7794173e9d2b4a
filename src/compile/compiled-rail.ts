/** What the compiler makes of one node's rail. */

import type { Flow } from "../openflow/flow.js";
import type { Rule } from "../policy/checked-policy.js";
import type { NodeRail } from "../policy/inventory.js";
import type { Diagnostic } from "../text/diagnostic.js";

export interface CompiledRail {
  readonly node: string;
  readonly rail: string;
  readonly mode: "routed" | "bridged";
  readonly ports: NodeRail;
  /** In pipeline order; a flow's `table` is one of their numbers. */
  readonly tables: readonly Table[];
  /** By table, then falling priority, then match: the same bytes for the same input in any order. */
  readonly flows: readonly Flow[];
  readonly provenance: ReadonlyMap<bigint, Provenance>;
  /** What cannot be offloaded, at the policy line; flows are empty if any is an error. */
  readonly diagnostics: readonly Diagnostic[];
  /** Stands for this result and no other. */
  readonly edition?: object | undefined;
  /** What became of an earlier result of the same compiler; both lists are in order. */
  readonly change?: RailChange | undefined;
}

export interface RailChange {
  /** The earlier result's `edition`: its flows without `removed` and with `added` are this one's. */
  readonly since: object;
  readonly added: readonly Flow[];
  readonly removed: readonly Flow[];
}

export interface Table {
  readonly name: string;
  readonly number: number;
  readonly purpose: string;
}

/** Why a flow is there: the rules that allow its traffic, or a duty of the fence itself. */
export type Provenance =
  | { readonly kind: "rules"; readonly rules: readonly Rule[] }
  | { readonly kind: "fence"; readonly duty: string };
