/** What a type and code of ICMP means in IPv6: the mapping of RFC 7915, section 4.2, for what policies name. */

import {
  everyNumber,
  type Interval,
  type IntervalSet,
  intervalSetOf,
} from "../net/interval-set.js";

/** Selectors (`type << 8 | code`) of ICMPv6; none where ICMPv6 has no such message. */
export function icmpv6SelectorsOf(type: number, code?: number): IntervalSet {
  switch (type) {
    case 0:
      return sameCode(129, code);
    case 8:
      return sameCode(128, code);
    case 3:
      return unreachable(code);
    case 11:
      return sameCode(3, code);
    case 12:
      return parameterProblem(code);
    default:
      return [];
  }
}

/** Every type but those of neighbour discovery, which pass where ARP would. */
export const everyIcmpv6Selector: IntervalSet = [
  { first: 0, last: (133 << 8) - 1 },
  { first: 138 << 8, last: everyNumber[0]?.last ?? 0 },
];

export function icmpSelectorsOf(type: number, code?: number): IntervalSet {
  return sameCode(type, code);
}

function sameCode(type: number, code: number | undefined): IntervalSet {
  const first = (type << 8) | (code ?? 0);
  return [{ first, last: code === undefined ? (type << 8) | 0xff : first }];
}

function unreachable(code: number | undefined): IntervalSet {
  const packetTooBig = wholeType(2);
  if (code === undefined) return intervalSetOf([wholeType(1), packetTooBig]);
  if (code === 4) return [packetTooBig];
  const mapped = unreachableCodes.get(code);
  return mapped === undefined ? [] : sameCode(1, mapped);
}

/** RFC 4443, section 3.1: 0 no route, 1 prohibited, 4 port. "Protocol" (2) has no code there: the nearest is the port's. */
const unreachableCodes: ReadonlyMap<number, number> = new Map([
  ...[0, 1, 5, 6, 7, 8, 11, 12].map((code) => [code, 0] as const),
  ...[9, 10, 13, 15].map((code) => [code, 1] as const),
  ...[2, 3].map((code) => [code, 4] as const),
]);

function parameterProblem(code: number | undefined): IntervalSet {
  if (code === undefined) return [wholeType(4)];
  return code === 0 || code === 2 ? sameCode(4, 0) : [];
}

function wholeType(type: number): Interval {
  return { first: type << 8, last: (type << 8) | 0xff };
}
