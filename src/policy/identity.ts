/** Who an address is, seen from the bridge of a rail. */

import type { Address } from "../net/address.js";
import { prefixHolds } from "../net/prefix.js";
import type { CheckedPolicy, Selector, Tenant } from "./checked-policy.js";
import { matchesGlob } from "./glob.js";
import type { Endpoint, Inventory } from "./inventory.js";

/** `stands` is the rail an address belongs to; networks and the world outside stand on none. */
export type Identity =
  | {
      readonly kind: "endpoint";
      readonly endpoint: Endpoint;
      /** The one that claims its namespace, if one does. */
      readonly tenant?: Tenant;
      readonly stands: string;
    }
  | { readonly kind: "network"; readonly tenant: Tenant; readonly stands?: undefined }
  | { readonly kind: "unknown"; readonly stands?: string };

export function identify(
  policy: CheckedPolicy,
  inventory: Inventory,
  rail: string,
  address: Address,
): Identity {
  const endpoint = endpointAt(inventory, address);
  if (endpoint !== undefined) {
    const tenant = tenantOfNamespace(policy, endpoint.namespace);
    const stands = endpoint.rail;
    return { kind: "endpoint", endpoint, stands, ...(tenant === undefined ? {} : { tenant }) };
  }
  for (const tenant of policy.tenants.values())
    if (tenant.networks.some((network) => prefixHolds(network, address)))
      return { kind: "network", tenant };
  const stands = railAround(inventory, rail, address);
  return { kind: "unknown", ...(stands === undefined ? {} : { stands }) };
}

export function covers(selector: Selector, identity: Identity): boolean {
  if (selector.kind === "any") return true;
  if (identity.kind === "unknown" || identity.tenant?.name !== selector.tenant) return false;
  if (selector.kind === "tenant") return true;
  return (
    identity.kind === "endpoint" && matchesGlob(selector.namespace, identity.endpoint.namespace)
  );
}

/** Namespaces are claimed once: a checked policy has no two tenants for one. */
export function tenantOfNamespace(policy: CheckedPolicy, namespace: string): Tenant | undefined {
  for (const tenant of policy.tenants.values())
    if (tenant.namespaces.some((pattern) => matchesGlob(pattern, namespace))) return tenant;
  return undefined;
}

/** The rail in whose subnets an address lies: the asking rail before any other. */
function railAround(inventory: Inventory, asking: string, address: Address): string | undefined {
  const rails = [...inventory.rails.values()].filter((rail) =>
    rail.subnets.some((subnet) => prefixHolds(subnet, address)),
  );
  return rails.find((rail) => rail.name === asking)?.name ?? rails[0]?.name;
}

const indexes = new WeakMap<Inventory, ReadonlyMap<string, Endpoint>>();

/** Every address belongs to one endpoint of the fleet: `readInventory` refuses a second. */
export function endpointAt(inventory: Inventory, address: Address): Endpoint | undefined {
  let index = indexes.get(inventory);
  if (index === undefined) {
    index = new Map(
      inventory.endpoints.flatMap((endpoint) =>
        endpoint.addresses.map((own) => [keyOf(own), endpoint] as const),
      ),
    );
    indexes.set(inventory, index);
  }
  return index.get(keyOf(address));
}

function keyOf(address: Address): string {
  return `${address.family}:${address.value}`;
}
