/** All that a reviewer has to know of a change: what it means, and what else it touches. */

import type { CheckedPolicy } from "../checked-policy.js";
import { compareReach, type ReachDifference } from "./compare-policies.js";

export interface PolicyDifference {
  readonly old: CheckedPolicy;
  readonly new: CheckedPolicy;
  readonly reach: ReachDifference;
}

/** @throws {TooManyKinds} where the globs of some tenants cannot be walked through */
export function comparePolicies(old: CheckedPolicy, young: CheckedPolicy): PolicyDifference {
  return { old, new: young, reach: compareReach(old, young) };
}
