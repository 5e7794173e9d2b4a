/** What a rail costs the datapath and the NIC, as data. */

import type { Rule } from "../../policy/checked-policy.js";
import type { Advice } from "./advice.js";
import type { HostileBound } from "./hostile-bound.js";

export interface Tally {
  readonly megaflows: number;
  /** Distinct sets of (field, mask): each is a hash table in the datapath, and a matcher in the NIC. */
  readonly masks: number;
}

export interface RailCost {
  readonly node: string;
  readonly rail: string;
  readonly bridge: string;
  /** OpenFlow flows. */
  readonly flows: number;
  /** One connection, and its answers, for each pair of endpoints or networks and each service that the policy opens. */
  readonly legitimate: Tally;
  /** The same over time: all ports that clients and services may use. */
  readonly everyPort: Tally;
  /** The legitimate ones, by the port at which their packets come in: the most expensive first. */
  readonly ports: readonly PortCost[];
  /** Those without which each rule would do: the most expensive first. One that several rules need counts for each. */
  readonly rules: readonly RuleCost[];
  /** ARP and neighbour discovery, were everyone to ask for all whom they may meet. */
  readonly neighbours: Tally & { readonly inUserspace: number };
  /** Only where asked for: it takes a second or two. */
  readonly hostile?: readonly HostileCost[];
  /** Only where asked for; what helps most comes first. */
  readonly advice?: readonly Advice[];
}

/** What all packets that may come in at a port can make. */
export interface HostileCost {
  readonly port: string;
  /**
   * The bound is that of each source MAC on the wire: a megaflow there has all of it, for a router writes it anew, and
   * nothing checks whose it is. No flow bounds how many there are.
   */
  readonly perSourceMac: boolean;
  /** Absent where the tables hold what the model does not follow, or are too entangled. */
  readonly bound?: HostileBound;
}

export interface NodeCost {
  readonly node: string;
  readonly rails: readonly RailCost[];
  /** Legitimate ones, of all rails: one Open vSwitch and its limit are shared by them. */
  readonly megaflows: number;
  /** Entries of the eSwitch, where they are known. */
  readonly tableSize?: number;
}

export interface PortCost extends Tally {
  readonly port: string;
  /** `namespace/pod`; the uplink's are from everyone. */
  readonly endpoint?: string;
}

export interface RuleCost extends Tally {
  readonly rule: Rule;
  /** Of these, how many another rule needs too. */
  readonly shared: number;
}
