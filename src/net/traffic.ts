/**
 * Exact sets of connections of one IP family, seen from the opener: IP protocol and a 16-bit selector, which is
 * the destination port for TCP, UDP and SCTP, `type << 8 | code` for ICMP and ICMPv6, and nothing (0) else.
 */

import {
  complementIntervals,
  everyNumber,
  holdsNumber,
  type IntervalSet,
  intersectIntervals,
  isEveryNumber,
  isNoNumber,
  printIntervals,
  uniteIntervals,
} from "./interval-set.js";
import { protocolName } from "./protocol.js";

/**
 * `protocols` names those whose share differs from `rest`; every other protocol is wholly in (`rest`) or out.
 * Invariant (canonical traffic): no entry equals `rest`, so equal sets have equal entries.
 */
export interface Traffic {
  readonly rest: boolean;
  readonly protocols: ReadonlyMap<number, IntervalSet>;
}

export const noTraffic: Traffic = { rest: false, protocols: new Map() };
export const allTraffic: Traffic = { rest: true, protocols: new Map() };

export function trafficOf(entries: Iterable<readonly [protocol: number, IntervalSet]>): Traffic {
  let traffic = noTraffic;
  for (const [protocol, selectors] of entries)
    traffic = uniteTraffic(traffic, { rest: false, protocols: new Map([[protocol, selectors]]) });
  return traffic;
}

/** What of that protocol is in the set. */
export function selectorsOf(traffic: Traffic, protocol: number): IntervalSet {
  return traffic.protocols.get(protocol) ?? (traffic.rest ? everyNumber : []);
}

export function holdsTraffic(traffic: Traffic, protocol: number, selector: number): boolean {
  return holdsNumber(selectorsOf(traffic, protocol), selector);
}

export function uniteTraffic(one: Traffic, other: Traffic): Traffic {
  return combine(one, other, one.rest || other.rest, uniteIntervals);
}

export function intersectTraffic(one: Traffic, other: Traffic): Traffic {
  return combine(one, other, one.rest && other.rest, intersectIntervals);
}

export function subtractTraffic(from: Traffic, what: Traffic): Traffic {
  return intersectTraffic(from, complement(what));
}

export function isNoTraffic(traffic: Traffic): boolean {
  return !traffic.rest && traffic.protocols.size === 0;
}

export function isAllTraffic(traffic: Traffic): boolean {
  return traffic.rest && traffic.protocols.size === 0;
}

export function isSameTraffic(one: Traffic, other: Traffic): boolean {
  return printTraffic(one) === printTraffic(other);
}

/** Canonical text: equal sets print alike. `udp 4791; icmp 2048`, `all`, `all but tcp 22`. */
export function printTraffic(traffic: Traffic): string {
  const entries = [...traffic.protocols]
    .sort(([a], [b]) => a - b)
    .map(([protocol, set]) => [protocol, traffic.rest ? complementIntervals(set) : set] as const)
    .map(([protocol, set]) =>
      isEveryNumber(set)
        ? protocolName(protocol)
        : `${protocolName(protocol)} ${printIntervals(set)}`,
    );
  if (traffic.rest) return entries.length === 0 ? "all" : `all but ${entries.join("; ")}`;
  return entries.join("; ");
}

function complement(traffic: Traffic): Traffic {
  const protocols = new Map<number, IntervalSet>();
  for (const [protocol, set] of traffic.protocols)
    protocols.set(protocol, complementIntervals(set));
  return { rest: !traffic.rest, protocols };
}

function combine(
  one: Traffic,
  other: Traffic,
  rest: boolean,
  join: (a: IntervalSet, b: IntervalSet) => IntervalSet,
): Traffic {
  const protocols = new Map<number, IntervalSet>();
  for (const protocol of new Set([...one.protocols.keys(), ...other.protocols.keys()])) {
    const set = join(selectorsOf(one, protocol), selectorsOf(other, protocol));
    if (rest ? !isEveryNumber(set) : !isNoNumber(set)) protocols.set(protocol, set);
  }
  return { rest, protocols };
}
