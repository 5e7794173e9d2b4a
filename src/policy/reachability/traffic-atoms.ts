/**
 * All traffic, in pieces that no rule of either policy divides. A set of pieces is a number, one bit for each: rules
 * are compared by thousands.
 */

import type { Family } from "../../net/address.js";
import { type Interval, type IntervalSet, intervalSetOf } from "../../net/interval-set.js";
import { printTraffic, type Traffic } from "../../net/traffic.js";
import type { FamilyTraffic } from "../service-traffic.js";

/** A set of pieces, by their bits. */
export type Pieces = bigint;

export interface TrafficAtoms {
  readonly count: number;
  /** Pieces that exist in that family: ICMP differs between the two. */
  readonly ofFamily: { readonly [family in Family]: Pieces };
  /** Of the traffic of a rule. */
  piecesOf(traffic: FamilyTraffic): Pieces;
  trafficOf(pieces: Pieces): FamilyTraffic;
}

/** A run of selectors of one protocol; with no protocol, all those that nothing names. */
interface Point {
  readonly family: Family;
  readonly protocol?: number;
  readonly interval: Interval;
}

const families = [4, 6] as const;
const largest = 0xffff;

/** `all` is the traffic of every rule. */
export function trafficAtoms(all: Iterable<FamilyTraffic>): TrafficAtoms {
  const distinct = new DistinctTraffic();
  for (const traffic of all) distinct.add(traffic);
  const points = families.flatMap((family) => pointsOf(distinct.values, family));
  // pieces are points that the same traffic holds
  const pieces = new Map<bigint, Point[]>();
  for (const point of points) {
    const mark = bitsWhere(distinct.values, (traffic) => holdsPoint(traffic[point.family], point));
    if (mark === 0n) continue;
    const piece = pieces.get(mark);
    if (piece === undefined) pieces.set(mark, [point]);
    else piece.push(point);
  }
  const marks = [...pieces.keys()];
  const members = [...pieces.values()];
  const byTraffic = distinct.values.map((_, number) =>
    bitsWhere(marks, (mark) => ((mark >> BigInt(number)) & 1n) === 1n),
  );
  const inFamily = (family: Family) =>
    bitsWhere(members, (piece) => piece.some((point) => point.family === family));
  return {
    count: members.length,
    ofFamily: { 4: inFamily(4), 6: inFamily(6) },
    piecesOf: (traffic) => byTraffic[distinct.numberOf(traffic)] as Pieces,
    trafficOf(wanted) {
      const held = new Set(
        members.filter((_, piece) => ((wanted >> BigInt(piece)) & 1n) === 1n).flat(),
      );
      return { 4: trafficOfPoints(points, held, 4), 6: trafficOfPoints(points, held, 6) };
    },
  };
}

/** Rules with the same services share the objects of their traffic, so most are found without their text. */
class DistinctTraffic {
  readonly values: FamilyTraffic[] = [];
  private readonly byText = new Map<string, number>();
  private readonly byObject = new Map<Traffic, Map<Traffic, number>>();

  add(traffic: FamilyTraffic): number {
    const known = this.byObject.get(traffic[4])?.get(traffic[6]);
    if (known !== undefined) return known;
    const text = `${printTraffic(traffic[4])} | ${printTraffic(traffic[6])}`;
    const number = this.byText.get(text) ?? this.values.push(traffic) - 1;
    this.byText.set(text, number);
    const ofFour = this.byObject.get(traffic[4]) ?? new Map<Traffic, number>();
    this.byObject.set(traffic[4], ofFour.set(traffic[6], number));
    return number;
  }

  numberOf(traffic: FamilyTraffic): number {
    const before = this.values.length;
    const number = this.add(traffic);
    if (this.values.length > before) throw new Error("no rule speaks of this traffic");
    return number;
  }
}

function bitsWhere<T>(items: readonly T[], holds: (item: T) => boolean): bigint {
  let bits = 0n;
  for (const [index, item] of items.entries()) if (holds(item)) bits |= 1n << BigInt(index);
  return bits;
}

function pointsOf(all: readonly FamilyTraffic[], family: Family): Point[] {
  const edges = new Map<number, Set<number>>();
  for (const traffic of all)
    for (const [protocol, set] of traffic[family].protocols) {
      const known = edges.get(protocol) ?? new Set([0]);
      edges.set(protocol, known);
      for (const { first, last } of set) known.add(first).add(last + 1);
    }
  const points: Point[] = [{ family, interval: { first: 0, last: largest } }];
  for (const [protocol, firsts] of edges) {
    const sorted = [...firsts].filter((first) => first <= largest).sort((a, b) => a - b);
    for (const [index, first] of sorted.entries()) {
      const last = (sorted[index + 1] ?? largest + 1) - 1;
      points.push({ family, protocol, interval: { first, last } });
    }
  }
  return points;
}

/** A point lies wholly inside or outside of what made its edges: one number of it tells. */
function holdsPoint(traffic: Traffic, { protocol, interval }: Point): boolean {
  const set = protocol === undefined ? undefined : traffic.protocols.get(protocol);
  if (set === undefined) return traffic.rest;
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((set[middle] as Interval).last < interval.first) low = middle + 1;
    else high = middle;
  }
  const found = set[low];
  return found !== undefined && found.first <= interval.first;
}

function trafficOfPoints(
  points: readonly Point[],
  held: ReadonlySet<Point>,
  family: Family,
): Traffic {
  const intervals = new Map<number, Interval[]>();
  let rest = false;
  for (const point of points) {
    if (point.family !== family) continue;
    if (point.protocol === undefined) rest = held.has(point);
    else {
      const known = intervals.get(point.protocol) ?? [];
      intervals.set(point.protocol, known);
      if (held.has(point)) known.push(point.interval);
    }
  }
  const protocols = new Map<number, IntervalSet>();
  for (const [protocol, some] of intervals) {
    const set = intervalSetOf(some);
    const isWhole = set.length === 1 && set[0]?.first === 0 && set[0].last === largest;
    if (rest ? !isWhole : set.length > 0) protocols.set(protocol, set);
  }
  return { rest, protocols };
}
