/** What another policy makes of one rail: of its flows, and of what its traffic costs. */

import { compareRails, type RailDifference } from "../../compile/compare-rails.js";
import type { Tally } from "./cost.js";
import { legitimateTallyOf } from "./rail-cost.js";
import type { RailModel } from "./rail-model.js";

export interface RailChange extends RailDifference {
  /** Of legitimate traffic, one connection for each pair and service. */
  readonly cost: { readonly before: Tally; readonly after: Tally };
}

/** Both of the same node and rail. */
export function railChangeOf(old: RailModel, young: RailModel): RailChange {
  return {
    ...compareRails(old.compiled, young.compiled),
    cost: { before: legitimateTallyOf(old), after: legitimateTallyOf(young) },
  };
}
