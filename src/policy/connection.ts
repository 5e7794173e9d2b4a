/** What one address may open at another: the meaning of allow and deny, rule by rule. */

import type { Address } from "../net/address.js";
import {
  holdsTraffic,
  noTraffic,
  subtractTraffic,
  type Traffic,
  uniteTraffic,
} from "../net/traffic.js";
import type { CheckedPolicy, Rule } from "./checked-policy.js";
import { covers, type Identity, identify } from "./identity.js";
import type { Inventory } from "./inventory.js";

/** Two addresses of one family, and the rail whose bridge sees them talk. */
export interface Pair {
  readonly rail: string;
  readonly opener: Address;
  readonly answerer: Address;
}

/** F(X, Y): the traffic of every allow rule that covers the pair, without that of every deny rule that does. */
export function openTraffic(policy: CheckedPolicy, inventory: Inventory, pair: Pair): Traffic {
  const family = pair.opener.family;
  let allowed = noTraffic;
  let denied = noTraffic;
  for (const rule of rulesCovering(policy, inventory, pair)) {
    if (rule.effect === "allow") allowed = uniteTraffic(allowed, rule[family]);
    else denied = uniteTraffic(denied, rule[family]);
  }
  return subtractTraffic(allowed, denied);
}

export interface Connection extends Pair {
  readonly protocol: number;
  /** Destination port, or ICMP `type << 8 | code`, or 0: see `Traffic`. */
  readonly selector: number;
}

export interface ConnectionExplanation {
  readonly allowed: boolean;
  readonly allows: readonly Rule[];
  readonly denies: readonly Rule[];
}

/** Which rules speak of a connection, and what follows. Without any rule it is not allowed. */
export function explainConnection(
  policy: CheckedPolicy,
  inventory: Inventory,
  connection: Connection,
): ConnectionExplanation {
  const speaking = rulesCovering(policy, inventory, connection).filter((rule) =>
    holdsTraffic(rule[connection.opener.family], connection.protocol, connection.selector),
  );
  const allows = speaking.filter((rule) => rule.effect === "allow");
  const denies = speaking.filter((rule) => rule.effect === "deny");
  return { allowed: allows.length > 0 && denies.length === 0, allows, denies };
}

export function rulesCovering(policy: CheckedPolicy, inventory: Inventory, pair: Pair): Rule[] {
  const opener = identify(policy, inventory, pair.rail, pair.opener);
  const answerer = identify(policy, inventory, pair.rail, pair.answerer);
  return policy.rules.filter(
    (rule) =>
      rule.rails.includes(pair.rail) &&
      reaches(rule, pair.rail, opener) &&
      reaches(rule, pair.rail, answerer) &&
      rule.clauses.some(
        (clause) => covers(clause.opener, opener) && covers(clause.answerer, answerer),
      ),
  );
}

/** A deny cuts wherever a side stands; an allow opens another rail only where it says so. */
function reaches(rule: Rule, rail: string, side: Identity): boolean {
  if (rule.effect === "deny" || side.stands === undefined || side.stands === rail) return true;
  return rule.acrossRails && rule.rails.includes(side.stands);
}
