/**
 * What may pass from one party to another, packet by packet, and by whose leave: forward packets of connections it
 * may open, and answers to connections the other may open.
 */

import type { Family } from "../net/address.js";
import { type IntervalSet, intersectIntervals, subtractIntervals } from "../net/interval-set.js";
import { icmpEcho, icmpv6Echo, neighbourDiscovery, protocol } from "../net/protocol.js";
import {
  allTraffic,
  intersectTraffic,
  isAllTraffic,
  isNoTraffic,
  noTraffic,
  selectorsOf,
  subtractTraffic,
  type Traffic,
  trafficOf,
  uniteTraffic,
} from "../net/traffic.js";
import type { Rule } from "../policy/checked-policy.js";

export interface Grant {
  /** Disjoint. Packets told by protocol and destination port or ICMP type and code. */
  readonly packets: readonly { readonly traffic: Traffic; readonly rules: readonly Rule[] }[];
  /** Disjoint. Answers of TCP, told by source port (and ACK). */
  readonly answers: readonly { readonly ports: IntervalSet; readonly rules: readonly Rule[] }[];
  /** A fragment shows no ports: it passes only where everything does. */
  readonly fragments: readonly Rule[] | undefined;
}

/** The rules that bear on one party's traffic to another; `way` as seen from the sender of the packet. */
export interface Bearing {
  readonly rule: Rule;
  readonly way: "forward" | "back";
}

export const nothingGranted: Grant = { packets: [], answers: [], fragments: undefined };

/** Every ICMPv6 message of neighbour discovery, which no service covers. */
const discovery: Traffic = trafficOf([
  [
    protocol.icmpv6,
    [
      {
        first: neighbourDiscovery.routerSolicitation << 8,
        last: (neighbourDiscovery.redirect << 8) | 0xff,
      },
    ],
  ],
]);

export function grantOf(bearings: readonly Bearing[], family: Family): Grant {
  const forward = allowances(bearings, "forward", family);
  const back = allowances(bearings, "back", family);
  const packets = split(
    [
      ...forward,
      ...back.map(({ rule, traffic }) => ({ rule, traffic: echoReplies(traffic, family) })),
    ],
    family === 6 ? subtractTraffic(allTraffic, discovery) : allTraffic,
  );
  const answers = splitPorts(
    back.map(({ rule, traffic }) => ({ rule, ports: selectorsOf(traffic, protocol.tcp) })),
  );
  const whole = forward.reduce((sum, { traffic }) => uniteTraffic(sum, traffic), noTraffic);
  const fragments = isAllTraffic(whole) ? forward.map(({ rule }) => rule) : undefined;
  return { packets, answers, fragments };
}

/** Whether the two may meet at all: one may open something at the other. */
export function isMeeting(bearings: readonly Bearing[], family: Family): boolean {
  return (
    allowances(bearings, "forward", family).length > 0 ||
    allowances(bearings, "back", family).length > 0
  );
}

/** What each allow still gives after every deny; deny wins. */
function allowances(
  bearings: readonly Bearing[],
  way: Bearing["way"],
  family: Family,
): { rule: Rule; traffic: Traffic }[] {
  let denied = noTraffic;
  for (const { rule, way: other } of bearings)
    if (other === way && rule.effect === "deny") denied = uniteTraffic(denied, rule[family]);
  return bearings
    .filter((bearing) => bearing.way === way && bearing.rule.effect === "allow")
    .map(({ rule }) => ({ rule, traffic: subtractTraffic(rule[family], denied) }))
    .filter(({ traffic }) => !isNoTraffic(traffic));
}

/** An echo request's connection is answered by the reply of the same code. */
function echoReplies(traffic: Traffic, family: Family): Traffic {
  const number = family === 4 ? protocol.icmp : protocol.icmpv6;
  const echo = family === 4 ? icmpEcho : icmpv6Echo;
  const requests = intersectIntervals(selectorsOf(traffic, number), [
    { first: echo.request << 8, last: (echo.request << 8) | 0xff },
  ]);
  if (requests.length === 0) return noTraffic;
  const shift = (echo.reply - echo.request) << 8;
  return trafficOf([
    [number, requests.map(({ first, last }) => ({ first: first + shift, last: last + shift }))],
  ]);
}

function split(
  shares: readonly { rule: Rule; traffic: Traffic }[],
  within: Traffic,
): { traffic: Traffic; rules: Rule[] }[] {
  let pieces: { traffic: Traffic; rules: Rule[] }[] = [{ traffic: within, rules: [] }];
  for (const { rule, traffic } of shares)
    pieces = pieces.flatMap((piece) => {
      const shared = intersectTraffic(piece.traffic, traffic);
      if (isNoTraffic(shared)) return [piece];
      const rules = piece.rules.includes(rule) ? piece.rules : [...piece.rules, rule];
      const other = subtractTraffic(piece.traffic, traffic);
      return isNoTraffic(other)
        ? [{ traffic: shared, rules }]
        : [
            { traffic: shared, rules },
            { traffic: other, rules: piece.rules },
          ];
    });
  return pieces.filter(({ rules }) => rules.length > 0);
}

function splitPorts(
  shares: readonly { rule: Rule; ports: IntervalSet }[],
): { ports: IntervalSet; rules: Rule[] }[] {
  let pieces: { ports: IntervalSet; rules: Rule[] }[] = [
    { ports: [{ first: 0, last: 0xffff }], rules: [] },
  ];
  for (const { rule, ports } of shares)
    pieces = pieces.flatMap((piece) => {
      const shared = intersectIntervals(piece.ports, ports);
      if (shared.length === 0) return [piece];
      const other = subtractIntervals(piece.ports, ports);
      const granted = { ports: shared, rules: [...piece.rules, rule] };
      return other.length === 0 ? [granted] : [granted, { ports: other, rules: piece.rules }];
    });
  return pieces.filter(({ rules }) => rules.length > 0);
}
