/** Frames that a hostile pod would craft: one field at a time, at random and as near misses of every stride and prefix. */

import type { Address, Family } from "../../src/net/address.js";
import { broadcastMac, type Mac } from "../../src/net/mac.js";
import type { Body, Frame } from "../../src/net/packet.js";
import { protocol } from "../../src/net/protocol.js";
import type { Endpoint } from "../../src/policy/inventory.js";
import type { Random } from "./random.js";

export interface Attacker {
  readonly pod: Endpoint;
  readonly gatewayMac: Mac;
  /** Whom it may reach. */
  readonly peers: readonly Endpoint[];
  readonly gateways: readonly Address[];
}

/** Families that the pod speaks, for where it does not matter which. */
function familiesOf({ pod }: Attacker): Family[] {
  return [...new Set(pod.addresses.map(({ family }) => family))];
}

function speaksIpv6(attacker: Attacker): boolean {
  return familiesOf(attacker).includes(6);
}

/** Kinds that only a pod with an IPv6 address can think of. */
export function needsIpv6(kind: string): boolean {
  return kind.includes("IPv6") || kind.startsWith("neighbour");
}

export type HostileKind = (random: Random, attacker: Attacker) => Frame;

export const hostileKinds: Readonly<Record<string, HostileKind>> = {
  "source MAC": (random, attacker) => ({
    ...anyGood(random, attacker),
    source: nearly(random, attacker.pod.mac as Mac, 48),
  }),
  "destination MAC": (random, attacker) => {
    const frame = anyGood(random, attacker);
    return { ...frame, destination: nearly(random, frame.destination, 48) };
  },
  "source IPv4": (random, attacker) =>
    ip(random, attacker, 4, (body) => ({ ...body, source: nearAddress(random, body.source) })),
  "source IPv6": (random, attacker) =>
    ip(random, attacker, 6, (body) => ({ ...body, source: nearAddress(random, body.source) })),
  "destination IPv4: scan of the subnet": (random, attacker) =>
    ip(random, attacker, 4, (body) => ({
      ...body,
      destination: { family: 4, value: 0x0a650000n | random.bits(16) },
    })),
  "destination IPv4: off a peer": (random, attacker) =>
    ip(random, attacker, 4, (body) => ({
      ...body,
      destination: nearAddress(random, body.destination),
    })),
  "destination IPv6: off a peer": (random, attacker) =>
    ip(random, attacker, 6, (body) => ({
      ...body,
      destination: nearAddress(random, body.destination),
    })),
  "ARP fields": (random, attacker) => hostileArp(random, attacker),
  "neighbour discovery fields": (random, attacker) => hostileDiscovery(random, attacker),
  "neighbour discovery groups": (random, attacker) => hostileGroup(random, attacker),
  "VLAN tags": (random, attacker) => ({ ...anyGood(random, attacker), vlan: random.below(4096) }),
  "ports, at every peer": (random, attacker) =>
    ip(random, attacker, random.pick(familiesOf(attacker)), (body) => ({
      ...body,
      protocol: random.pick([protocol.udp, protocol.tcp]),
      transport: {
        kind: "ports",
        source: Number(random.bits(16)),
        destination: Number(nearly(random, random.pick([4791n, 443n]), 16)),
      },
    })),
  "forged answers of TCP, at every peer": (random, attacker) =>
    ip(random, attacker, random.pick(familiesOf(attacker)), (body) => ({
      ...body,
      protocol: protocol.tcp,
      transport: {
        kind: "ports",
        source: Number(nearly(random, 443n, 16)),
        destination: Number(nearly(random, 443n, 16)),
        tcpFlags: random.pick([0x10, 0x12, 0x02]),
      },
    })),
  "protocols, at every peer": (random, attacker) =>
    ip(random, attacker, 4, ({ transport: _, ...body }) => ({
      ...body,
      protocol: random.below(256),
    })),
  "ToS and TTL": (random, attacker) =>
    ip(random, attacker, random.pick(familiesOf(attacker)), (body) => ({
      ...body,
      typeOfService: random.below(256),
      timeToLive: random.below(256),
    })),
  "everything at once": (random, attacker) => {
    const frame = random.pick([
      () => hostileArp(random, attacker),
      ...(speaksIpv6(attacker) ? [() => hostileDiscovery(random, attacker)] : []),
      ...familiesOf(attacker).map(
        (family) => () =>
          ip(random, attacker, family, (body) => ({
            ...body,
            source: nearAddress(random, body.source),
            destination: nearAddress(random, body.destination),
            protocol: random.pick([protocol.udp, protocol.tcp, random.below(256)]),
            typeOfService: random.below(256),
            timeToLive: random.below(256),
            transport: {
              kind: "ports" as const,
              source: Number(random.bits(16)),
              destination: Number(nearly(random, 4791n, 16)),
            },
          })),
      ),
    ])();
    return {
      ...frame,
      source: nearly(random, frame.source, 48),
      destination: nearly(random, frame.destination, 48),
      ...(random.chance(0.1) ? { vlan: random.below(4096) } : {}),
    };
  },
};

/** As it is (one in ten), with one bit turned, with everything from some bit on at random, or wholly at random. */
function nearly(random: Random, value: bigint, bits: number): bigint {
  const draw = random.next();
  if (draw < 0.1) return value;
  if (draw < 0.5) return value ^ (1n << BigInt(random.below(bits)));
  return draw < 0.9 ? value ^ random.bits(1 + random.below(bits)) : random.bits(bits);
}

function nearAddress(random: Random, { family, value }: Address): Address {
  return { family, value: nearly(random, value, family === 4 ? 32 : 128) };
}

function own(endpoint: Endpoint, family: Family): Address {
  return endpoint.addresses.find((address) => address.family === family) as Address;
}

function frameOf(attacker: Attacker, body: Body, destination = attacker.gatewayMac): Frame {
  return { source: attacker.pod.mac as Mac, destination, body };
}

type IpBody = Extract<Body, { kind: "ip" }>;

function ip(
  random: Random,
  attacker: Attacker,
  family: Family,
  spoil: (body: IpBody) => IpBody,
): Frame {
  return frameOf(
    attacker,
    spoil({
      kind: "ip",
      source: own(attacker.pod, family),
      destination: own(random.pick(attacker.peers), family),
      protocol: protocol.udp,
      fragment: "no",
      timeToLive: 64,
      typeOfService: 0,
      transport: { kind: "ports", source: 49152 + random.below(16384), destination: 4791 },
    }),
  );
}

/** A frame that the fence lets pass, of any EtherType. */
function anyGood(random: Random, attacker: Attacker): Frame {
  return random.pick([
    ...familiesOf(attacker).map((family) => () => ip(random, attacker, family, (body) => body)),
    () => frameOf(attacker, arpOf(random, attacker), broadcastMac),
    ...(speaksIpv6(attacker) ? [() => solicitation(random, attacker)] : []),
  ])();
}

function arpOf(random: Random, { pod, peers, gateways }: Attacker): Extract<Body, { kind: "arp" }> {
  const targets = [
    ...peers.map((peer) => own(peer, 4)),
    ...gateways.filter(({ family }) => family === 4),
  ];
  return {
    kind: "arp",
    operation: 1,
    senderMac: pod.mac as Mac,
    senderAddress: own(pod, 4),
    targetMac: 0n,
    targetAddress: random.pick(targets),
  };
}

function hostileArp(random: Random, attacker: Attacker): Frame {
  const arp = arpOf(random, attacker);
  const spoil = random.below(5);
  return frameOf(
    attacker,
    {
      ...arp,
      operation: spoil === 0 ? random.below(256) : 1,
      senderMac: spoil === 1 ? nearly(random, arp.senderMac, 48) : arp.senderMac,
      senderAddress: spoil === 2 ? nearAddress(random, arp.senderAddress) : arp.senderAddress,
      targetMac: spoil === 3 ? nearly(random, 0n, 48) : arp.targetMac,
      targetAddress: spoil === 4 ? nearAddress(random, arp.targetAddress) : arp.targetAddress,
    },
    broadcastMac,
  );
}

function solicitation(random: Random, attacker: Attacker): Frame {
  const target = own(random.pick(attacker.peers), 6);
  const group = (0xff02n << 112n) | (0x1ffn << 24n) | (target.value & 0xffffffn);
  return frameOf(
    attacker,
    {
      kind: "ip",
      source: own(attacker.pod, 6),
      destination: { family: 6, value: group },
      protocol: protocol.icmpv6,
      fragment: "no",
      timeToLive: 255,
      typeOfService: 0,
      transport: {
        kind: "icmp",
        type: 135,
        code: 0,
        neighbour: { target, sourceLinkLayer: attacker.pod.mac as Mac },
      },
    },
    0x3333ff000000n | (target.value & 0xffffffn),
  );
}

/** Asks for whom it may ask, in the group of another. */
function hostileGroup(random: Random, attacker: Attacker): Frame {
  const frame = solicitation(random, attacker);
  const body = frame.body as IpBody;
  const spoil = random.below(3);
  const wrong = (value: bigint) => (value & ~0xffffffn) | nearly(random, value & 0xffffffn, 24);
  return {
    ...frame,
    destination: spoil === 1 ? frame.destination : wrong(frame.destination),
    body: {
      ...body,
      destination:
        spoil === 0 ? body.destination : { family: 6, value: wrong(body.destination.value) },
    },
  };
}

function hostileDiscovery(random: Random, attacker: Attacker): Frame {
  const frame = solicitation(random, attacker);
  const body = frame.body as IpBody;
  const transport = body.transport as Extract<IpBody["transport"], { kind: "icmp" }>;
  const neighbour = transport.neighbour as NonNullable<typeof transport.neighbour>;
  const spoil = random.below(4);
  return {
    ...frame,
    body: {
      ...body,
      source: spoil === 0 ? nearAddress(random, body.source) : body.source,
      transport: {
        ...transport,
        type: spoil === 1 ? random.below(256) : 135,
        neighbour: {
          target: spoil === 2 ? nearAddress(random, neighbour.target) : neighbour.target,
          sourceLinkLayer:
            spoil === 3
              ? nearly(random, attacker.pod.mac as Mac, 48)
              : (neighbour.sourceLinkLayer as Mac),
        },
      },
    },
  };
}
