/**
 * The same policy with a service's ranges of ports widened to what one mask covers: OVS matches ports by mask, so any
 * other range falls into several aligned parts, each with megaflows of its own.
 */

import { type Interval, type IntervalSet, intervalSetOf } from "../../net/interval-set.js";
import { protocol } from "../../net/protocol.js";
import { type Traffic, trafficOf, uniteTraffic } from "../../net/traffic.js";
import type { CheckedPolicy, Service } from "../../policy/checked-policy.js";

export interface AlignedPorts {
  readonly service: string;
  readonly ranges: readonly { readonly from: Interval; readonly to: Interval }[];
  readonly policy: CheckedPolicy;
}

/** An aligned range may be this many times the one that it covers: more would be another service. */
const mostWidening = 4;
const portProtocols = [protocol.tcp, protocol.udp, protocol.sctp];

/** For each service that rules name and that can be aligned. */
export function alignedPortsOf(policy: CheckedPolicy): AlignedPorts[] {
  const named = new Set(policy.rules.flatMap(({ services }) => services));
  const found: AlignedPorts[] = [];
  for (const [name, service] of policy.services) {
    if (!named.has(name)) continue;
    const wider = widened(service);
    if (wider !== undefined)
      found.push({
        service: name,
        ranges: wider.ranges,
        policy: withService(policy, name, wider.ports),
      });
  }
  return found;
}

interface Widened {
  readonly ranges: AlignedPorts["ranges"];
  readonly ports: Traffic;
}

function widened(service: Service): Widened | undefined {
  // ports are the same in both IP families
  const ports = new Map<number, IntervalSet>();
  const ranges: { from: Interval; to: Interval }[] = [];
  for (const number of portProtocols)
    for (const from of service[4].protocols.get(number) ?? []) {
      const to = alignedRange(from);
      const size = ({ first, last }: Interval) => last - first + 1;
      if (size(to) === size(from) || size(to) > mostWidening * size(from)) continue;
      ranges.push({ from, to });
      ports.set(number, intervalSetOf([...(ports.get(number) ?? []), to]));
    }
  return ranges.length === 0 || service[4].rest ? undefined : { ranges, ports: trafficOf(ports) };
}

/** The least range that one mask covers, around all of this one. */
export function alignedRange({ first, last }: Interval): Interval {
  const bits = 32 - Math.clz32(first ^ last);
  const free = 2 ** bits - 1;
  return { first: (first | free) - free, last: last | free };
}

function withService(policy: CheckedPolicy, name: string, ports: Traffic): CheckedPolicy {
  const rules = policy.rules.map((rule) =>
    rule.services.includes(name)
      ? { ...rule, 4: uniteTraffic(rule[4], ports), 6: uniteTraffic(rule[6], ports) }
      : rule,
  );
  return { ...policy, rules };
}
