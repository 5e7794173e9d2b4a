/** OpenFlow flows as values. */

import type { Action } from "./action.js";
import type { Match } from "./match.js";

export interface Flow {
  readonly table: number;
  /** 0 to 65535; OVS prefers the higher one. */
  readonly priority: number;
  /** 64 bits, unsigned. */
  readonly cookie: bigint;
  readonly match: Match;
  readonly actions: readonly Action[];
}
