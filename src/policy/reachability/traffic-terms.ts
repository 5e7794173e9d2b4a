/** Words for a set of traffic: services of a policy that are in it whole, then ports and types. */

import type { Family } from "../../net/address.js";
import { everyNumber, type Interval, subtractIntervals } from "../../net/interval-set.js";
import { hasPorts, protocol } from "../../net/protocol.js";
import {
  allTraffic,
  intersectTraffic,
  isNoTraffic,
  noTraffic,
  selectorsOf,
  subtractTraffic,
  type Traffic,
} from "../../net/traffic.js";
import type { CheckedPolicy } from "../checked-policy.js";
import { type FamilyTraffic, trafficOfTerms } from "../service-traffic.js";

export type TrafficTerm =
  | { readonly kind: "all"; readonly except: readonly TrafficTerm[] }
  | { readonly kind: "service"; readonly name: string }
  | {
      readonly kind: "ports";
      readonly protocol: number;
      readonly first: number;
      readonly last: number;
      /** Absent: of both families. */
      readonly family?: Family;
    }
  /** As services name it, of both families. */
  | { readonly kind: "icmp"; readonly type?: IcmpName }
  /** A run of ICMP or ICMPv6 messages, `type << 8 | code`. */
  | {
      readonly kind: "messages";
      readonly family: Family;
      readonly first: number;
      readonly last: number;
    };

export type IcmpName = (typeof icmpNames)[number];

const icmpNames = [
  "echo",
  "unreachable",
  "time-exceeded",
  "parameter-problem",
  "fragmentation-needed",
] as const;

const span = { source: { name: "", text: "" }, start: 0, end: 0 };
const icmpTerms: readonly { readonly term: TrafficTerm; readonly traffic: FamilyTraffic }[] = [
  { term: { kind: "icmp" }, traffic: trafficOfTerms([{ kind: "icmp", span }]) },
  ...icmpNames.map((type) => ({
    term: { kind: "icmp" as const, type },
    traffic: trafficOfTerms([{ kind: "icmp", type, span }]),
  })),
];

/** Whole services first: those that say most. What is said of a family that nobody speaks does not matter. */
export function trafficTerms(
  policy: CheckedPolicy,
  traffic: FamilyTraffic,
  families: ReadonlySet<Family>,
): TrafficTerm[] {
  const spoken = only(traffic, families);
  const everything = only({ 4: allTraffic, 6: allTraffic }, families);
  const missing = subtract(everything, spoken);
  if (isNone(missing)) return [{ kind: "all", except: [] }];
  if (!spoken[4].rest && !spoken[6].rest) return namedTerms(policy, spoken, families);
  return [{ kind: "all", except: namedTerms(policy, missing, families) }];
}

function only(traffic: FamilyTraffic, families: ReadonlySet<Family>): FamilyTraffic {
  return {
    4: families.has(4) ? traffic[4] : noTraffic,
    6: families.has(6) ? traffic[6] : noTraffic,
  };
}

function namedTerms(
  policy: CheckedPolicy,
  traffic: FamilyTraffic,
  families: ReadonlySet<Family>,
): TrafficTerm[] {
  const named = [...policy.services.values()].map((service) => ({
    term: { kind: "service" as const, name: service.name },
    traffic: only(service, families),
  }));
  const messages = icmpTerms.map((one) => ({ ...one, traffic: only(one.traffic, families) }));
  const whole = [...named, ...messages].filter((one) => isInside(one.traffic, traffic));
  const isNamed = new Set<unknown>(named);
  const sizes = new Map(whole.map((one) => [one, sizeOf(one.traffic)]));
  whole.sort(
    (one, other) =>
      Number(isNamed.has(other)) - Number(isNamed.has(one)) ||
      (sizes.get(other) ?? 0) - (sizes.get(one) ?? 0),
  );
  const taken: typeof whole = [];
  let left = traffic;
  for (const one of whole) {
    const rest = subtract(left, one.traffic);
    if (sizeOf(rest) === sizeOf(left)) continue;
    taken.push(one);
    left = rest;
  }
  return [
    ...withoutIdle(taken, traffic).map(({ term }) => term),
    ...unnamedTerms(left, families.size === 1),
  ];
}

/** A service that the others hold together says nothing new. */
function withoutIdle<T extends { readonly traffic: FamilyTraffic }>(
  taken: readonly T[],
  wanted: FamilyTraffic,
): T[] {
  const kept = [...taken];
  for (const one of taken.toReversed()) {
    const others = kept.filter((other) => other !== one);
    const without = others.reduce((left, { traffic }) => subtract(left, traffic), wanted);
    const withAll = kept.reduce((left, { traffic }) => subtract(left, traffic), wanted);
    if (sizeOf(without) === sizeOf(withAll)) kept.splice(kept.indexOf(one), 1);
  }
  return kept;
}

function unnamedTerms(left: FamilyTraffic, isOneFamily: boolean): TrafficTerm[] {
  const terms: TrafficTerm[] = [];
  const numbers = new Set([...left[4].protocols.keys(), ...left[6].protocols.keys()]);
  for (const number of [...numbers].sort((one, other) => one - other)) {
    const four = selectorsOf(left[4], number);
    const six = selectorsOf(left[6], number);
    if (!hasPorts(number)) {
      const of = (family: Family, set: readonly Interval[]) =>
        terms.push(...set.map((run) => ({ kind: "messages" as const, family, ...run })));
      if (number === protocol.icmp) of(4, four);
      if (number === protocol.icmpv6) of(6, six);
      continue;
    }
    const ports = (set: readonly Interval[], family?: Family) =>
      set.map((run) => ({
        kind: "ports" as const,
        protocol: number,
        ...run,
        ...(family === undefined || isOneFamily ? {} : { family }),
      }));
    const onlyFour = subtractIntervals(four, six);
    terms.push(...ports(subtractIntervals(four, onlyFour)));
    terms.push(...ports(onlyFour, 4), ...ports(subtractIntervals(six, four), 6));
  }
  return terms;
}

function subtract(from: FamilyTraffic, what: FamilyTraffic): FamilyTraffic {
  return { 4: subtractTraffic(from[4], what[4]), 6: subtractTraffic(from[6], what[6]) };
}

/** Whether it is in the traffic, and there at all. */
function isInside(one: FamilyTraffic, traffic: FamilyTraffic): boolean {
  return (
    !isNone(one) &&
    ([4, 6] as const).every((family) =>
      isNoTraffic(subtractTraffic(one[family], intersectTraffic(one[family], traffic[family]))),
    )
  );
}

function isNone(traffic: FamilyTraffic): boolean {
  return isNoTraffic(traffic[4]) && isNoTraffic(traffic[6]);
}

function sizeOf(traffic: FamilyTraffic): number {
  return sizeOfFamily(traffic[4]) + sizeOfFamily(traffic[6]);
}

function sizeOfFamily(traffic: Traffic): number {
  const every = everyNumber[0]?.last ?? 0;
  let size = traffic.rest ? 1e9 : 0;
  for (const [, set] of traffic.protocols) {
    const count = set.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    size += traffic.rest ? count - every - 1 : count;
  }
  return size;
}
