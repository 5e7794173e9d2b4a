/** What would make a rail cheaper: each is the model's answer for the changed input, never a guess. */

import { allTraffic, isAllTraffic } from "../../net/traffic.js";
import type { CheckedPolicy, Rule } from "../../policy/checked-policy.js";
import type { Inventory } from "../../policy/inventory.js";
import { alignedPlan } from "./aligned-plan.js";
import { type AlignedPorts, alignedPortsOf } from "./aligned-ports.js";
import type { RailCost, Tally } from "./cost.js";
import { everyPortTallyOf, legitimateTallyOf } from "./rail-cost.js";
import { railModelOf } from "./rail-model.js";

export type Advice = { readonly after: Tally } & (
  | { readonly kind: "align"; readonly tenants: readonly TenantBlocks[] }
  | { readonly kind: "trust" }
  /** Wider ranges of ports. `before` and `after` are of every port: one port of a range costs the same as before. */
  | ({ readonly kind: "ports"; readonly before: Tally } & Omit<AlignedPorts, "policy">)
  /** Every service in place of those that the rule names. */
  | { readonly kind: "open"; readonly rule: Rule }
);

export interface TenantBlocks {
  readonly tenant: string;
  /** Prefixes, one for each IP family. */
  readonly blocks: readonly string[];
}

/** Only what helps, the most helpful first. `dearest` is the rule that costs most. */
export function adviceFor(
  policy: CheckedPolicy,
  inventory: Inventory,
  place: { readonly node: string; readonly rail: string },
  { legitimate: now, everyPort }: Pick<RailCost, "legitimate" | "everyPort">,
  dearest: Rule | undefined,
): Advice[] {
  const tally = (changed: CheckedPolicy, fleet: Inventory) =>
    legitimateTallyOf(railModelOf(changed, fleet, place));
  const found: Advice[] = [];
  const plan = alignedPlan(policy, inventory, place.rail);
  if (plan !== undefined)
    found.push({ kind: "align", tenants: plan.tenants, after: tally(policy, plan.inventory) });
  if (inventory.nodes.get(place.node)?.rails.get(place.rail)?.uplinkSource === "verify")
    found.push({ kind: "trust", after: tally(policy, trusting(inventory, place)) });
  if (dearest !== undefined && !(isAllTraffic(dearest[4]) && isAllTraffic(dearest[6]))) {
    const rules = policy.rules.map((rule) =>
      rule === dearest ? { ...rule, 4: allTraffic, 6: allTraffic } : rule,
    );
    found.push({ kind: "open", rule: dearest, after: tally({ ...policy, rules }, inventory) });
  }
  const helpful = found
    .filter(({ after }) => after.megaflows < now.megaflows)
    .sort((a, b) => a.after.megaflows - b.after.megaflows);
  const ports = alignedPortsOf(policy)
    .map(({ policy: changed, ...rest }): Advice => {
      const after = everyPortTallyOf(railModelOf(changed, inventory, place));
      return { kind: "ports", ...rest, before: everyPort, after };
    })
    .filter(({ after }) => after.megaflows < everyPort.megaflows)
    .sort((a, b) => a.after.megaflows - b.after.megaflows);
  return [...helpful, ...ports];
}

function trusting(
  inventory: Inventory,
  { node, rail }: { readonly node: string; readonly rail: string },
): Inventory {
  const nodes = new Map(inventory.nodes);
  const known = nodes.get(node);
  const ports = known?.rails.get(rail);
  if (known === undefined || ports === undefined) return inventory;
  const rails = new Map(known.rails).set(rail, { ...ports, uplinkSource: "trust" as const });
  return { ...inventory, nodes: nodes.set(node, { ...known, rails }) };
}
