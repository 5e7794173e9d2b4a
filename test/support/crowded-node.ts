/** One rail with 16 local pods of four tenants, 100 endpoints a tenant, both IP families: what a pod may attack. */

import { type Address, type Family, printAddress } from "../../src/net/address.js";
import { printMac } from "../../src/net/mac.js";
import { checkPolicy } from "../../src/policy/check.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import type { Endpoint, Inventory } from "../../src/policy/inventory.js";
import { loadPolicy } from "../../src/policy/load.js";
import { readInventory } from "../../src/policy/read-inventory.js";
import type { Random } from "./random.js";
import { twoNodes } from "./two-nodes.js";

export interface CrowdedNode {
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly node: string;
  readonly rail: string;
  readonly locals: readonly Endpoint[];
  readonly peersOf: (endpoint: Endpoint) => readonly Endpoint[];
}

export const crowdedTenants = ["t0", "t1", "t2", "t3"] as const;
const endpointsPerTenant = 100;
const localsPerTenant = 4;

/**
 * Addresses in one block for each tenant (`aligned`), or anywhere in the rail's subnets; of both families, or of one.
 * `filled` is a block that 128 endpoints fill, its lowest addresses this node's.
 */
export async function crowdedNode(
  random: Random,
  mode: "routed" | "bridged",
  plan: "aligned" | "scattered" | "filled",
  services = "roce, ping",
  families: readonly Family[] = [4, 6],
): Promise<CrowdedNode> {
  const policyText = [
    "rail r",
    ...crowdedTenants.map((tenant) => `tenant ${tenant} { namespace ${tenant}-* }`),
    "service roce = 4791/udp",
    "service ping = icmp echo",
    "service web  = 443/tcp",
    `allow each tenant <-> itself : ${services}`,
  ].join("\n");
  const loaded = await loadPolicy(["crowded.policy"], () => policyText);
  const { policy } = checkPolicy(loaded.files, { today: "2026-11-23" });
  const { inventory } = readInventory({
    name: "inventory.json",
    text: JSON.stringify(inventoryOf(random, mode, plan, families)),
  });
  if (policy === undefined || inventory === undefined)
    throw new Error("the crowded node is broken");
  const tenantOf = (endpoint: Endpoint) => endpoint.namespace.slice(0, 2);
  return {
    policy,
    inventory,
    node: "n1",
    rail: "r",
    locals: inventory.endpoints.filter(({ node }) => node === "n1"),
    peersOf: (endpoint) =>
      inventory.endpoints.filter(
        (other) => other !== endpoint && tenantOf(other) === tenantOf(endpoint),
      ),
  };
}

function inventoryOf(
  random: Random,
  mode: string,
  plan: string,
  families: readonly Family[],
): object {
  const taken = new Set<bigint>();
  const scattered = (base: bigint, bits: number): bigint => {
    for (;;) {
      const value = base | random.bits(bits);
      if (taken.has(value) || (value & 0xffffn) < 2n || (value & 0xffffn) === 0xffffn) continue;
      taken.add(value);
      return value;
    }
  };
  const endpoints = crowdedTenants.flatMap((tenant, number) =>
    Array.from({ length: plan === "filled" ? 128 : endpointsPerTenant }, (_, index) => {
      const apart = plan === "filled" ? 1 : endpointsPerTenant / localsPerTenant;
      const isLocal = index % apart === 0 && index / apart < localsPerTenant;
      const local = number * localsPerTenant + Math.floor(index / apart);
      const block = BigInt(number * 128 + index + 256);
      const addresses: Address[] =
        plan !== "scattered"
          ? [
              { family: 4, value: 0x0a650000n + block },
              { family: 6, value: (0xfd000101n << 96n) + block },
            ]
          : [
              { family: 4, value: scattered(0x0a650000n, 16) },
              { family: 6, value: scattered(0xfd000101n << 96n, 64) },
            ];
      return {
        namespace: `${tenant}-train`,
        pod: `pod-${index}`,
        node: isLocal ? "n1" : "n2",
        rail: "r",
        ips: addresses.filter(({ family }) => families.includes(family)).map(printAddress),
        ...(isLocal
          ? { mac: printMac(0x0a580a000000n + BigInt(local)), representor: `v${local}` }
          : {}),
      };
    }),
  );
  return {
    version: 1,
    rails: {
      r: {
        mode,
        subnets: families.map((family) => (family === 4 ? "10.101.0.0/16" : "fd00:101::/48")),
        gateways: families.map((family) => (family === 4 ? "10.101.0.1" : "fd00:101::1")),
      },
    },
    nodes: twoNodes,
    endpoints,
  };
}
