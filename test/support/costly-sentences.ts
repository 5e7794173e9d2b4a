/** Two bridged rails on which sentences repeat each other, say one thing in two parts, and one is fine beside another. */

import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import type { Inventory } from "../../src/policy/inventory.js";
import { inventoryOf, policyOf } from "./checked.js";

export const definitions = `
rail q, r
tenant a { namespace a }
tenant b { namespace b }
tenant c { namespace c }
service low  = 80-90/tcp
service high = 85-95/tcp
service roce = 4791/udp
service web  = 443/tcp
`;

export const place = { node: "n1", rail: "r" } as const;
export const representors = ["v0", "v1"] as const;

export function policyWith(...sentences: readonly string[]): CheckedPolicy {
  return policyOf([definitions, ...sentences].join("\n"));
}

/** Two pods of `a` here; four of `b` and four of `c` elsewhere, in the two halves of one block. */
export function costlyFleet(): Inventory {
  const endpoints = ["q", "r"].flatMap((rail, net) => [
    ...representors.map((name, index) => ({
      namespace: "a",
      pod: `here-${index}`,
      node: "n1",
      rail,
      ips: [`10.${net}.1.${index}`],
      mac: `02:00:00:00:0${net}:0${index}`,
      representor: rail === "r" ? name : `q-${name}`,
    })),
    ...Array.from({ length: 8 }, (_, index) => ({
      namespace: index < 4 ? "b" : "c",
      pod: `there-${index}`,
      node: "n2",
      rail,
      ips: [`10.${net}.2.${index}`],
    })),
  ]);
  const rails = {
    q: { bridge: "br-q", uplink: "up-q" },
    r: { bridge: "br", uplink: "uplink" },
  };
  return inventoryOf({
    version: 1,
    rails: {
      q: { mode: "bridged", subnets: ["10.0.0.0/16"] },
      r: { mode: "bridged", subnets: ["10.1.0.0/16"] },
    },
    nodes: { n1: { rails }, n2: { rails } },
    endpoints,
  });
}

/** Rules that say in part what others say: there is much to advise. */
export const overlapping: readonly string[] = [
  'allow a <-> b, c : roce owner "net"',
  'allow a <-> c : roce, web because "it"',
  "allow a -> b : low",
  "allow a -> b : high",
];
