/** Connections that somebody waits for: what they were named, and which packets they are. */

import type { Address } from "../../net/address.js";
import { parseAddress } from "../../net/address.js";
import { intervalSetOf } from "../../net/interval-set.js";
import { protocol } from "../../net/protocol.js";
import { intersectTraffic, isNoTraffic, type Traffic, trafficOf } from "../../net/traffic.js";
import type { CheckedPolicy } from "../../policy/checked-policy.js";
import { openTraffic } from "../../policy/connection.js";
import type { Inventory } from "../../policy/inventory.js";

/** What one address opens at another, over one rail, as far as the policy allows it. */
export interface AwaitedConnection {
  readonly name: string;
  readonly rail: string;
  readonly opener: Address;
  readonly answerer: Address;
  readonly traffic: Traffic;
}

export type AwaitedReading =
  | { readonly connections: readonly AwaitedConnection[] }
  | { readonly problem: AwaitedProblem };

export type AwaitedProblem =
  | { readonly kind: "shape" }
  | { readonly kind: "unknown-side" | "unknown-service"; readonly text: string }
  /** None of these rails lets the one open it at the other: to wait for it would be in vain. */
  | { readonly kind: "not-allowed" };

/**
 * `SOURCE -> DESTINATION : SERVICE`. A side is an address, or `namespace/pod`, which stands for all its addresses; a
 * service is one of the policy's, or `PORT/udp`, `PORT/tcp`. Every pair of one rail and one family that may talk is awaited.
 */
export function readAwaited(
  text: string,
  policy: CheckedPolicy,
  inventory: Inventory,
  rails: readonly string[],
): AwaitedReading {
  const [, source, destination, serviceText] =
    /^\s*(\S+?)\s*->\s*(\S+?)\s*:\s*(\S+)\s*$/.exec(spaced(text)) ?? [];
  if (source === undefined || destination === undefined || serviceText === undefined)
    return { problem: { kind: "shape" } };
  const service = serviceOf(serviceText, policy);
  if (service === undefined) return { problem: { kind: "unknown-service", text: serviceText } };
  for (const side of [source, destination])
    if (addressesOf(side, inventory, rails).length === 0)
      return { problem: { kind: "unknown-side", text: side } };
  const connections: AwaitedConnection[] = [];
  for (const rail of rails)
    for (const opener of addressesOf(source, inventory, [rail]))
      for (const answerer of addressesOf(destination, inventory, [rail])) {
        if (opener.family !== answerer.family) continue;
        const allowed = openTraffic(policy, inventory, { rail, opener, answerer });
        const traffic = intersectTraffic(allowed, service[opener.family]);
        if (!isNoTraffic(traffic))
          connections.push({ name: text, rail, opener, answerer, traffic });
      }
  return connections.length === 0 ? { problem: { kind: "not-allowed" } } : { connections };
}

/** IPv6 addresses have colons of their own: the one before the service is the last, and has an end before it. */
function spaced(text: string): string {
  const last = text.lastIndexOf(":");
  return last < 0 ? text : `${text.slice(0, last)} : ${text.slice(last + 1)}`;
}

function addressesOf(side: string, inventory: Inventory, rails: readonly string[]): Address[] {
  const address = parseAddress(side);
  if (address !== undefined) return [address];
  return inventory.endpoints.flatMap(({ namespace, pod, rail, addresses }) =>
    rails.includes(rail) && `${namespace}/${pod}` === side ? addresses : [],
  );
}

function serviceOf(
  text: string,
  policy: CheckedPolicy,
): { readonly 4: Traffic; readonly 6: Traffic } | undefined {
  const [, digits, word] = /^(\d{1,5})\/(udp|tcp)$/.exec(text) ?? [];
  if (digits === undefined) return policy.services.get(text);
  const port = Number(digits);
  if (port > 0xffff) return undefined;
  const number = word === "udp" ? protocol.udp : protocol.tcp;
  const traffic = trafficOf([[number, intervalSetOf([{ first: port, last: port }])]]);
  return { 4: traffic, 6: traffic };
}
