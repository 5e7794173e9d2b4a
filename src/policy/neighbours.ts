/** Whom an endpoint may find by ARP or neighbour discovery: its neighbours. */

import { type Address, type Family, isSameAddress } from "../net/address.js";
import { isNoTraffic } from "../net/traffic.js";
import type { CheckedPolicy } from "./checked-policy.js";
import { openTraffic } from "./connection.js";
import type { Bridge } from "./decision.js";
import type { Endpoint, Inventory, Rail } from "./inventory.js";
import { isNeverAddress } from "./ip-packet.js";

/** The rail's gateways, and the addresses of those endpoints of the rail that some rule lets it meet. */
export function neighboursOf(
  policy: CheckedPolicy,
  inventory: Inventory,
  rail: Rail,
  endpoint: Endpoint,
  family: Family,
): Address[] {
  const others = inventory.endpoints.filter(
    (other) =>
      other !== endpoint &&
      other.rail === rail.name &&
      mayMeet(policy, inventory, rail, endpoint, other, family),
  );
  return [...rail.gateways, ...others.flatMap(({ addresses }) => addresses)].filter(
    (address) => address.family === family,
  );
}

/** Whether who asks from the fabric, or answers, is a gateway or may meet some address of the endpoint at all. */
export function isWelcome(bridge: Bridge, sender: Address, target: Endpoint): boolean {
  const { policy, inventory, rail, nodeRail } = bridge;
  if (nodeRail.uplinkSource === "trust") return true;
  if (rail.gateways.some((gateway) => isSameAddress(gateway, sender))) return true;
  const opens = (opener: Address, answerer: Address) =>
    !isNoTraffic(openTraffic(policy, inventory, { rail: rail.name, opener, answerer }));
  return (
    !isNeverAddress(rail, sender) &&
    target.addresses.some(
      (own) => own.family === sender.family && (opens(sender, own) || opens(own, sender)),
    )
  );
}

/** Whether some address of the one may open anything at some address of the other, or the other way about. */
function mayMeet(
  policy: CheckedPolicy,
  inventory: Inventory,
  rail: Rail,
  one: Endpoint,
  other: Endpoint,
  family: Family,
): boolean {
  const opens = (opener: Address, answerer: Address) =>
    !isNoTraffic(openTraffic(policy, inventory, { rail: rail.name, opener, answerer }));
  return one.addresses.some((a) =>
    other.addresses.some(
      (b) => a.family === family && b.family === family && (opens(a, b) || opens(b, a)),
    ),
  );
}
