/** The traffic of a service, for IPv4 and for IPv6. */

import { everyNumber } from "../net/interval-set.js";
import { protocol, rocePort } from "../net/protocol.js";
import { holdsTraffic, noTraffic, type Traffic, trafficOf, uniteTraffic } from "../net/traffic.js";
import type { IcmpTerm, IcmpTypeName, ServiceTerm } from "../syntax/tree.js";
import { everyIcmpv6Selector, icmpSelectorsOf, icmpv6SelectorsOf } from "./icmp-for-ipv6.js";

export interface FamilyTraffic {
  readonly 4: Traffic;
  readonly 6: Traffic;
}

export function trafficOfTerms(terms: readonly ServiceTerm[]): FamilyTraffic {
  return unite(terms.map(trafficOfTerm));
}

export function unite(parts: readonly FamilyTraffic[]): FamilyTraffic {
  return {
    4: parts.reduce((sum, part) => uniteTraffic(sum, part[4]), noTraffic),
    6: parts.reduce((sum, part) => uniteTraffic(sum, part[6]), noTraffic),
  };
}

export function carriesRoce(traffic: FamilyTraffic): boolean {
  return holdsTraffic(traffic[4], protocol.udp, rocePort);
}

function trafficOfTerm(term: ServiceTerm): FamilyTraffic {
  if (term.kind === "icmp") return icmpTraffic(term);
  const ports = trafficOf([[protocol[term.protocol], [{ first: term.first, last: term.last }]]]);
  return { 4: ports, 6: ports };
}

function icmpTraffic({ type, code }: IcmpTerm): FamilyTraffic {
  if (type === undefined)
    return {
      4: trafficOf([[protocol.icmp, everyNumber]]),
      6: trafficOf([[protocol.icmpv6, everyIcmpv6Selector]]),
    };
  const [number, exact] = typeof type === "number" ? [type, code] : icmpTypes[type];
  return {
    4: trafficOf([[protocol.icmp, icmpSelectorsOf(number, exact)]]),
    6: trafficOf([[protocol.icmpv6, icmpv6SelectorsOf(number, exact)]]),
  };
}

/** RFC 792: type, and code where the name means one. */
const icmpTypes: Record<IcmpTypeName, readonly [type: number, code?: number]> = {
  echo: [8],
  unreachable: [3],
  "fragmentation-needed": [3, 4],
  "time-exceeded": [11],
  "parameter-problem": [12],
};
