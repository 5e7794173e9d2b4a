/** What would make a rail cheaper: each is the model's answer for the changed input, never a guess. */

import { isAllTraffic } from "../../net/traffic.js";
import type { CheckedPolicy } from "../../policy/checked-policy.js";
import type { Inventory } from "../../policy/inventory.js";
import { alignedPlan } from "./aligned-plan.js";
import { type AlignedPorts, alignedPortsOf } from "./aligned-ports.js";
import type { RailCost, Tally } from "./cost.js";
import { everyPortTallyOf, legitimateTallyOf } from "./rail-cost.js";
import { railModelOf } from "./rail-model.js";
import { type OtherSentences, separationsFor, withServices } from "./separations.js";

export type Advice = { readonly after: Tally } & (
  | { readonly kind: "align"; readonly tenants: readonly TenantBlocks[] }
  | { readonly kind: "trust" }
  /** Wider ranges of ports. `before` and `after` are of every port: one port of a range costs the same as before. */
  | ({ readonly kind: "ports"; readonly before: Tally } & Omit<AlignedPorts, "policy">)
  /** Every service in place of those that the rule names. */
  | ({ readonly kind: "open" } & OtherSentences)
  /** What one rule says apart from what others say. `others`: what the rest of the traffic costs as it is now. */
  | ({ readonly kind: "separate"; readonly others?: Tally } & OtherSentences)
);

export interface TenantBlocks {
  readonly tenant: string;
  /** Prefixes, one for each IP family. */
  readonly blocks: readonly string[];
}

/** Of the rules that cost most, those of which every service is tried. */
const mostOpened = 6;

/** Only what helps, the most helpful first. */
export function adviceFor(
  policy: CheckedPolicy,
  inventory: Inventory,
  place: { readonly node: string; readonly rail: string },
  { legitimate: now, everyPort, rules }: Pick<RailCost, "legitimate" | "everyPort" | "rules">,
): Advice[] {
  const tally = (changed: CheckedPolicy, fleet: Inventory) =>
    legitimateTallyOf(railModelOf(changed, fleet, place));
  const found: Advice[] = [];
  const plan = alignedPlan(policy, inventory, place.rail);
  if (plan !== undefined)
    found.push({ kind: "align", tenants: plan.tenants, after: tally(policy, plan.inventory) });
  if (inventory.nodes.get(place.node)?.rails.get(place.rail)?.uplinkSource === "verify")
    found.push({ kind: "trust", after: tally(policy, trusting(inventory, place)) });
  const opened = rules.slice(0, mostOpened).flatMap(({ rule }): Advice[] => {
    if (isAllTraffic(rule[4]) && isAllTraffic(rule[6])) return [];
    const open = withServices(policy, rule, ["all"]);
    return open === undefined
      ? []
      : [{ kind: "open", ...open.said, after: tally(open.policy, inventory) }];
  });
  // one of them: each opens much
  found.push(...opened.sort((a, b) => a.after.megaflows - b.after.megaflows).slice(0, 1));
  found.push(...separationsFor(policy, inventory, place, now, rules));
  // what is saved by doing without some traffic is not counted
  const saved = (one: Advice) =>
    ((one.kind === "separate" ? one.others : undefined) ?? now).megaflows - one.after.megaflows;
  const helpful = found.filter((one) => saved(one) > 0).sort((a, b) => saved(b) - saved(a));
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
