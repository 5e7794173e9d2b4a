/** What becomes open or closed between two sides. */

import type { Family } from "../../net/address.js";
import type { Prefix } from "../../net/prefix.js";
import type { Traffic } from "../../net/traffic.js";

/** One side: whom the policy knows the addresses as, and which, where it is not all of them. */
export interface ReachedSide {
  readonly tenant?: string;
  readonly namespace?: string;
  readonly stands?: string;
  readonly addresses?: readonly Prefix[];
}

export interface ReachChange {
  readonly way: "opens" | "closes";
  readonly family: Family;
  readonly opener: ReachedSide;
  readonly answerer: ReachedSide;
  readonly traffic: Traffic;
}
