/** One connection's traffic out of a set of it, and its words. */

import type { Family } from "../net/address.js";
import { protocol, protocolName } from "../net/protocol.js";
import { selectorsOf, type Traffic } from "../net/traffic.js";

/** `udp 4791`, `icmp 8/0`, `protocol 47`; undefined of the empty set. */
export function printSomeTraffic(traffic: Traffic, family: Family): string | undefined {
  // what the set names comes first, then what readers know, then anything
  const named = [...traffic.protocols.keys()].sort((a, b) => a - b);
  for (const number of [...named, protocol.tcp, protocol.udp, ...Array(256).keys()]) {
    const first = selectorsOf(traffic, number)[0]?.first;
    if (first === undefined) continue;
    if (number === (family === 4 ? protocol.icmp : protocol.icmpv6))
      return `${protocolName(number)} ${first >> 8}/${first & 0xff}`;
    const hasSelector = number === protocol.tcp || number === protocol.udp || first > 0;
    return hasSelector || number === protocol.sctp
      ? `${protocolName(number)} ${first}`
      : protocolName(number);
  }
  return undefined;
}
