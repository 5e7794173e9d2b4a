/**
 * Every endpoint of a node with every other endpoint of the fleet, and some packets of every connection that one of
 * the two may open at the other: what is sent there, and what comes back.
 */

import type { Address } from "../../src/net/address.js";
import { type Frame, type IpBody, type Transport, tcpAck } from "../../src/net/packet.js";
import { icmpEcho, icmpv6Echo, protocol } from "../../src/net/protocol.js";
import { explainConnection } from "../../src/policy/connection.js";
import type { Endpoint } from "../../src/policy/inventory.js";
import type { Random } from "./random.js";
import type { World } from "./random-world.js";

const somePorts = [22, 53, 443, 2049, 4791, 8080, 8085, 8090, 20048, 50000, 65535, 0, 1023, 1024];
const farAway = 0x020000000001n;

export function everyPair(
  random: Random,
  { policy, inventory, node }: World,
  rail: string,
): [string, Frame][] {
  const ports = inventory.nodes.get(node)?.rails.get(rail);
  if (ports === undefined) throw new Error(rail);
  const isRouted = inventory.rails.get(rail)?.mode === "routed";
  const isLocal = (one: Endpoint) => one.node === node && one.rail === rail;
  /** As it comes to this node's bridge: from the one's representor, or from the fabric to the other. */
  const arrival = (from: Endpoint, to: Endpoint, body: IpBody): [string, Frame] =>
    isLocal(from)
      ? [
          from.representor as string,
          {
            source: from.mac as bigint,
            destination: isRouted ? (ports.mac as bigint) : (to.mac ?? farAway),
            body,
          },
        ]
      : [
          ports.uplink,
          {
            source: isRouted ? (ports.nextHop as bigint) : (from.mac ?? farAway),
            destination: isRouted ? (ports.mac as bigint) : (to.mac as bigint),
            body,
          },
        ];
  const found: [string, Frame][] = [];
  for (const opener of inventory.endpoints)
    for (const answerer of inventory.endpoints) {
      if (opener === answerer || (!isLocal(opener) && !isLocal(answerer))) continue;
      for (const one of opener.addresses)
        for (const other of answerer.addresses) {
          if (one.family !== other.family) continue;
          const pair = { rail, opener: one, answerer: other };
          for (const { number, selector, there, back } of openings(random, one, other)) {
            const connection = { ...pair, protocol: number, selector };
            if (!explainConnection(policy, inventory, connection).allowed) continue;
            for (const body of there) found.push(arrival(opener, answerer, body));
            for (const body of back) found.push(arrival(answerer, opener, body));
          }
        }
    }
  return found;
}

interface Opening {
  readonly number: number;
  readonly selector: number;
  readonly there: readonly IpBody[];
  readonly back: readonly IpBody[];
}

function* openings(random: Random, opener: Address, answerer: Address): Generator<Opening> {
  const there = (number: number, transport: Transport) =>
    packet(opener, answerer, number, transport);
  const back = (number: number, transport: Transport) =>
    packet(answerer, opener, number, transport);
  for (const port of somePorts) {
    // a client's port, as Linux draws it
    const client = 32768 + random.below(60999 - 32768 + 1);
    const sent = { kind: "ports", source: client, destination: port } as const;
    const answered = { kind: "ports", source: port, destination: client } as const;
    const { udp, tcp } = protocol;
    yield { number: udp, selector: port, there: [there(udp, sent)], back: [] };
    yield {
      number: tcp,
      selector: port,
      there: [0x02, tcpAck].map((tcpFlags) => there(tcp, { ...sent, tcpFlags })),
      back: [back(tcp, { ...answered, tcpFlags: tcpAck })],
    };
  }
  const echo = opener.family === 4 ? icmpEcho : icmpv6Echo;
  const number = opener.family === 4 ? protocol.icmp : protocol.icmpv6;
  yield {
    number,
    selector: echo.request << 8,
    there: [there(number, { kind: "icmp", type: echo.request, code: 0 })],
    back: [back(number, { kind: "icmp", type: echo.reply, code: 0 })],
  };
}

function packet(
  source: Address,
  destination: Address,
  number: number,
  transport: Transport,
): IpBody {
  return {
    kind: "ip",
    source,
    destination,
    protocol: number,
    fragment: "no",
    timeToLive: 64,
    typeOfService: 0,
    transport,
  };
}
