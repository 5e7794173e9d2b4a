/** One rail whose IPv6 addresses are given out in runs, beside networks whose prefixes end at any bit. */

import { printAddress } from "../../src/net/address.js";
import { addressSetOf, intersectAddresses, isNoAddress } from "../../src/net/address-set.js";
import { printMac } from "../../src/net/mac.js";
import { type Prefix, printPrefix } from "../../src/net/prefix.js";
import { checkPolicy } from "../../src/policy/check.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import type { Endpoint, Inventory } from "../../src/policy/inventory.js";
import { loadPolicy } from "../../src/policy/load.js";
import { readInventory } from "../../src/policy/read-inventory.js";
import type { Random } from "./random.js";
import { twoNodes } from "./two-nodes.js";

export interface OddPlan {
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly locals: readonly Endpoint[];
  /** The endpoints of its tenant, itself among them. */
  readonly alliesOf: (endpoint: Endpoint) => readonly Endpoint[];
  /** What it may reach besides, rule by rule. */
  readonly networksOf: (endpoint: Endpoint) => readonly (readonly Prefix[])[];
}

const tenants = ["t0", "t1", "t2"] as const;
/** Who has rules with which networks. */
const networksFor = { t0: [0], t1: [0, 1], t2: [] } as const;

export async function oddPlan(random: Random, mode: "routed" | "bridged"): Promise<OddPlan> {
  const networks = drawNetworks(random);
  const policyText = [
    "rail r",
    ...tenants.map((tenant) => `tenant ${tenant} { namespace ${tenant}-* }`),
    ...networks.map(
      (prefixes, at) => `tenant s${at} { network ${prefixes.map(printPrefix).join(", ")} }`,
    ),
    "service roce = 4791/udp",
    "allow each tenant <-> itself : roce",
    ...tenants.flatMap((tenant) =>
      networksFor[tenant].map((at) => `allow ${tenant} <-> s${at} : roce`),
    ),
  ].join("\n");
  const { policy } = checkPolicy((await loadPolicy(["odd.policy"], () => policyText)).files, {
    today: "2026-11-23",
  });
  const { inventory } = readInventory({
    name: "inventory.json",
    text: JSON.stringify(inventoryOf(random, mode)),
  });
  if (policy === undefined || inventory === undefined) throw new Error(`broken: ${policyText}`);
  const tenantOf = ({ namespace }: Endpoint) => namespace.slice(0, 2) as (typeof tenants)[number];
  return {
    policy,
    inventory,
    locals: inventory.endpoints.filter(({ node }) => node === "n1"),
    alliesOf: (endpoint) =>
      inventory.endpoints.filter((other) => tenantOf(other) === tenantOf(endpoint)),
    networksOf: (endpoint) =>
      networksFor[tenantOf(endpoint)].map((at) => networks[at] as readonly Prefix[]),
  };
}

/** Close together, so that several end in one stride of a walk and part of them beyond it; none holds another. */
function drawNetworks(random: Random): Prefix[][] {
  const taken: Prefix[] = [];
  const draw = (base: bigint, from: number, to: number): Prefix => {
    for (;;) {
      const length = from + random.below(to - from + 1);
      const shift = BigInt(128 - length);
      const value = ((base | random.bits(128 - from + 6)) >> shift) << shift;
      const prefix: Prefix = { family: 6, value, length };
      const shared = intersectAddresses(addressSetOf(6, [prefix]), addressSetOf(6, taken));
      if (!isNoAddress(shared)) continue;
      taken.push(prefix);
      return prefix;
    }
  };
  return [0, 1].map(() => [
    ...Array.from({ length: 6 }, () => draw(0x20010db8_0000_0000n << 64n, 57, 66)),
    ...Array.from({ length: 4 }, () => draw(0x20010db8_0001_0000n << 64n, 117, 128)),
    draw(0x3000n << 112n, 17, 40),
  ]);
}

function inventoryOf(random: Random, mode: string): object {
  const taken = new Set<bigint>();
  let local = 0;
  const endpoints = tenants.flatMap((tenant) =>
    Array.from({ length: 3 }, () => random.below(1024)).flatMap((first, run) =>
      Array.from({ length: 4 + random.below(40) }, (_, index) => {
        const value = (0xfd000101n << 96n) + 256n + BigInt(first + index);
        if (taken.has(value)) return [];
        taken.add(value);
        const isLocal = run < 2 && index === 3;
        const at = isLocal ? local++ : 0;
        return {
          namespace: `${tenant}-train`,
          pod: `pod-${run}-${index}`,
          node: isLocal ? "n1" : "n2",
          rail: "r",
          ips: [printAddress({ family: 6, value })],
          ...(isLocal
            ? { mac: printMac(0x0a580a000000n + BigInt(at)), representor: `v${at}` }
            : {}),
        };
      }).flat(),
    ),
  );
  return {
    version: 1,
    rails: { r: { mode, subnets: ["fd00:101::/48"], gateways: ["fd00:101::1"] } },
    nodes: twoNodes,
    endpoints,
  };
}
