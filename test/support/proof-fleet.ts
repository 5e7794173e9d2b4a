/** One routed rail of any size for the prover's benchmarks: a node with 16 endpoints, and whom they may meet. */

import { printAddress } from "../../src/net/address.js";
import { printMac } from "../../src/net/mac.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import type { Inventory } from "../../src/policy/inventory.js";
import { inventoryOf, policyOf } from "./checked.js";

export interface ProofFleet {
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly node: string;
  readonly rail: string;
}

export interface FleetShape {
  readonly tenants: number;
  readonly perTenant: number;
  /** The first tenant meets everybody, or each keeps to itself. */
  readonly rule: "each-itself" | "first-meets-all";
  /** Addresses far apart, so that no two make a prefix; else one block for each tenant. */
  readonly scattered?: boolean;
  readonly services?: string;
  /** Tenants that have endpoints on the node. */
  readonly localTenants?: number;
}

const locals = 16;

export function proofFleet(shape: FleetShape): ProofFleet {
  const { policy, inventory } = proofFleetTexts(shape);
  return { policy: policyOf(policy), inventory: inventoryOf(inventory), node: "n1", rail: "r" };
}

/** The same as the texts that a user has. */
export function proofFleetTexts(shape: FleetShape): { policy: string; inventory: string } {
  const { tenants, perTenant, rule, services = "roce, ping", localTenants = 4 } = shape;
  const names = Array.from({ length: tenants }, (_, index) => `t${index}`);
  const policy = [
    "rail r",
    ...names.map((name) => `tenant ${name} { namespace ${name}-* }`),
    "service roce = 4791/udp",
    "service ping = icmp echo",
    "service nfs = 2049/tcp",
    rule === "each-itself"
      ? `allow each tenant <-> itself : ${services}`
      : `allow t0 <-> ${names.join(", ")} : ${services}`,
  ].join("\n");
  const endpoints = names.flatMap((name, tenant) =>
    Array.from({ length: perTenant }, (_, index) => endpointOf(shape, name, tenant, index)),
  );
  const ports = {
    bridge: "br",
    uplink: "uplink",
    mac: "0c:42:a1:00:01:01",
    nextHop: "0c:42:a1:ff:00:01",
  };
  const perLocal = Math.max(1, locals / localTenants);
  for (let local = 0; local < locals; local++) {
    const tenant = Math.floor(local / perLocal);
    const endpoint = endpoints[tenant * perTenant + (local % perLocal)];
    if (endpoint === undefined) throw new Error("the fleet is too small for 16 endpoints");
    Object.assign(endpoint, {
      node: "n1",
      mac: printMac(0x0a580a000000n + BigInt(local)),
      representor: `v${local}`,
    });
  }
  const inventory = {
    version: 1,
    rails: {
      r: {
        mode: "routed",
        subnets: ["10.0.0.0/8", "fd00:101::/32"],
        gateways: ["10.0.0.1", "fd00:101::1"],
      },
    },
    nodes: { n1: { rails: { r: ports } }, n2: { rails: { r: ports } } },
    endpoints,
  };
  return { policy, inventory: JSON.stringify(inventory) };
}

function endpointOf(
  { perTenant, scattered }: FleetShape,
  name: string,
  tenant: number,
  index: number,
) {
  const block = 2 ** Math.ceil(Math.log2(perTenant + 2));
  const place = 0x10000 + tenant * block + index;
  // two apart: neighbours never merge
  const host = BigInt(scattered === true ? place * 2 : place);
  return {
    namespace: `${name}-train`,
    pod: `pod-${index}`,
    node: "n2",
    rail: "r",
    ips: [
      printAddress({ family: 4, value: 0x0a000000n + host }),
      printAddress({ family: 6, value: (0xfd000101n << 96n) + host }),
    ],
  };
}
