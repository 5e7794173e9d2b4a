/** All that a reviewer has to know of a change: what it means, and what else it touches. */

import type { CheckedPolicy } from "../checked-policy.js";
import { compareReach, type ReachDifference } from "./compare-policies.js";
import { type OtherChange, otherChanges } from "./other-changes.js";

export interface PolicyDifference {
  readonly old: CheckedPolicy;
  readonly new: CheckedPolicy;
  readonly reach: ReachDifference;
  /** Definitions, tests, budgets; rules that no entry of `reach` names. */
  readonly others: readonly OtherChange[];
}

/** @throws {TooManyKinds} where the globs of some tenants cannot be walked through */
export function comparePolicies(old: CheckedPolicy, young: CheckedPolicy): PolicyDifference {
  const reach = compareReach(old, young);
  return { old, new: young, reach, others: otherChanges(old, young, reach) };
}
