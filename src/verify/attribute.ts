/** From the flows that a packet met to the rules that let it pass. */

import type { CompiledRail } from "../compile/compiled-rail.js";
import type { CheckedPolicy, Rule } from "../policy/checked-policy.js";
import { rulesCovering } from "../policy/connection.js";
import type { Inventory } from "../policy/inventory.js";
import { passage } from "../policy/ip-packet.js";
import type { Treatment } from "./walk.js";
import { type Wishes, witnessOf } from "./witness.js";

export type Cause =
  | { readonly kind: "rules"; readonly rules: readonly Rule[] }
  | { readonly kind: "duty"; readonly duty: string };

export interface Attribution {
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly compiled: CompiledRail;
}

/** The rules that forbid the packet; none where it is dropped because no rule allows it. */
export function deniersOf(
  { policy, inventory, compiled }: Attribution,
  treatment: Treatment,
  inPort: string,
  wishes: Wishes,
): readonly Rule[] {
  const { ip } = witnessOf(treatment.packets, inPort, wishes);
  if (ip === undefined) return [];
  const pair = { rail: compiled.rail, opener: ip.source, answerer: ip.destination };
  return rulesCovering(policy, inventory, pair).filter(({ effect }) => effect === "deny");
}

/** The last flow of the path with rules behind it decides; where it has several, the policy is asked which. */
export function causeOf(
  { policy, inventory, compiled }: Attribution,
  treatment: Treatment,
  inPort: string,
  wishes: Wishes,
): Cause {
  let duty: string | undefined;
  for (const flow of treatment.path.toReversed()) {
    const provenance = compiled.provenance.get(flow.cookie);
    if (provenance?.kind === "fence") duty ??= provenance.duty;
    if (provenance?.kind !== "rules") continue;
    const { rules } = provenance;
    if (rules.length <= 1) return { kind: "rules", rules };
    const rail = inventory.rails.get(compiled.rail);
    const { ip } = witnessOf(treatment.packets, inPort, wishes);
    if (rail === undefined || ip === undefined) return { kind: "rules", rules };
    const asked = passage(policy, inventory, rail, ip.source, ip).rules;
    const both = rules.filter((rule) => asked.some(({ id }) => id === rule.id));
    return { kind: "rules", rules: both.length > 0 ? both : rules };
  }
  return { kind: "duty", duty: duty ?? "" };
}
