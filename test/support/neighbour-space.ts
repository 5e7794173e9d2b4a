/**
 * A world in which few bits of an address vary, and every ARP and neighbour discovery packet of it: who says to be whom,
 * to whom it asks or answers, with every field right or wrong by itself.
 */

import type { Address } from "../../src/net/address.js";
import { broadcastMac, type Mac, parseMac } from "../../src/net/mac.js";
import type { Body, Frame } from "../../src/net/packet.js";
import { protocol } from "../../src/net/protocol.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import type { Port } from "../../src/policy/decision.js";
import type { Inventory } from "../../src/policy/inventory.js";
import { inventoryOf, policyOf } from "./checked.js";
import { address, bridgeMac, leafMac, macs } from "./tiny-rail.js";

export interface SmallWorld {
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly node: "n1";
  readonly rail: "pf1";
  readonly portNumbers: ReadonlyMap<string, number>;
}

export interface SmallChoice {
  readonly mode: "routed" | "bridged";
  readonly uplinkSource: "verify" | "trust";
}

/** Two red pods and a blue one here, one of each elsewhere; who are no neighbours of each other share the subnet. */
export function smallWorld({ mode, uplinkSource }: SmallChoice): SmallWorld {
  const policy = policyOf(`rail pf1
tenant red { namespace red-a, red-b }
tenant blue { namespace blue }
service roce = 4791/udp
service web = 443/tcp
allow red <-> red : roce
allow blue -> red/red-b : web
`);
  const ips = (host: number) => [`10.1.0.${host}`, `fd00:1::${host}`];
  const here = [2, 3, 4].map((host, at) => ({
    ...{ namespace: ["red-a", "red-b", "blue"][at], pod: `v${at}`, node: "n1", rail: "pf1" },
    ...{ representor: `v${at}`, ips: ips(host), mac: macs[at] },
  }));
  const far = [5, 6].map((host) => ({
    ...{ namespace: host === 6 ? "blue" : "red-a", pod: `far${host}`, node: "n2", rail: "pf1" },
    ips: ips(host),
  }));
  const bridge = { bridge: "br", uplink: "p0", mac: bridgeMac, nextHop: leafMac };
  const inventory = inventoryOf({
    version: 1,
    rails: {
      pf1: {
        ...{ mode, subnets: ["10.1.0.0/29", "fd00:1::/125"] },
        gateways: ["10.1.0.1", "fd00:1::1"],
      },
    },
    nodes: {
      n1: { rails: { pf1: { ...bridge, uplinkSource } } },
      n2: { rails: { pf1: { ...bridge, mac: leafMac, nextHop: bridgeMac } } },
    },
    endpoints: [...here, ...far],
  });
  const numbers = ["p0", "v0", "v1", "v2", "stray"].map((name, at) => [name, at + 1] as const);
  return { policy, inventory, node: "n1", rail: "pf1", portNumbers: new Map(numbers) };
}

/** A port of the bridge that nobody knows may send, too. */
export type SmallPort = Port | "stray";

export interface SmallPacket {
  readonly port: SmallPort;
  readonly frame: Frame;
}

interface Sender {
  readonly port: SmallPort;
  readonly mac: Mac;
}

const senders: readonly Sender[] = [
  { port: "host", mac: macOf(bridgeMac) },
  { port: "uplink", mac: macOf(leafMac) },
  ...macs.map((mac, at) => ({ port: { representor: `v${at}` }, mac: macOf(mac) })),
  { port: "stray", mac: macOf(macs[1]) },
];
const otherMac = macOf(macs[1]) ^ 1n;
/** All that the subnet has, and one beyond. */
const hosts = [0, 1, 2, 3, 4, 5, 6, 7, 9];

export function* everyArp(): Generator<SmallPacket> {
  const four = hosts.map((host) => address(`10.1.0.${host}`));
  for (const { port, mac } of senders)
    for (const source of [mac, otherMac])
      for (const destination of [macOf(bridgeMac), broadcastMac, macOf(macs[1])])
        for (const operation of [0, 1, 2])
          for (const senderAddress of four)
            for (const targetAddress of four)
              for (const senderMac of [mac, otherMac])
                for (const targetMac of [0n, broadcastMac, otherMac]) {
                  const said = { senderMac, senderAddress, targetMac, targetAddress };
                  const body: Body = { kind: "arp", operation, ...said };
                  yield { port, frame: { source, destination, body } };
                  if (targetMac === otherMac) continue;
                  if (senderMac === mac && source === mac && operation === 1)
                    yield { port, frame: { source, destination, vlan: 5, body } };
                }
}

/** Datagrams among the same hosts: services that some may use, and what comes near to them. */
export function* everyDatagram(): Generator<SmallPacket> {
  const four = hosts.map((host) => address(`10.1.0.${host}`));
  for (const { port, mac } of senders)
    for (const source of [mac, otherMac])
      for (const destination of [macOf(bridgeMac), macOf(macs[1])])
        for (const from of four.slice(1))
          for (const to of four)
            for (const upper of uppers) {
              const body: Body = {
                ...{ kind: "ip", source: from, destination: to, fragment: "no" },
                ...{ timeToLive: 64, typeOfService: 0, ...upper },
              };
              yield { port, frame: { source, destination, body } };
            }
}

const ports = (source: number, destination: number, tcpFlags?: number) => ({
  transport: { kind: "ports", source, destination, ...(tcpFlags && { tcpFlags }) } as const,
});
const uppers = [
  ...[4790, 4791, 53].map((port) => ({ protocol: protocol.udp, ...ports(443, port) })),
  ...[2, 16].map((flags) => ({ protocol: protocol.tcp, ...ports(49152, 443, flags) })),
  ...[2, 16].map((flags) => ({ protocol: protocol.tcp, ...ports(443, 49152, flags) })),
  { protocol: protocol.udp, fragment: "first", ...ports(443, 4791) } as const,
  { protocol: protocol.udp, fragment: "later" } as const,
  { protocol: protocol.icmp, transport: { kind: "icmp", type: 8, code: 0 } } as const,
];

export function* everyDiscovery(): Generator<SmallPacket> {
  const six = hosts.map((host) => address(`fd00:1::${host}`));
  const claimed = [1, 2, 3, 4, 5].map((host) => address(`fd00:1::${host}`));
  for (const { port, mac } of senders)
    for (const source of [mac, otherMac])
      for (const from of [...claimed, address("::")])
        for (const target of six)
          for (const to of [groupOf(target), target, groupOf(claimed[1] as Address), ...claimed])
            for (const destination of destinationsOf(target))
              for (const [type, code] of kinds)
                for (const neighbour of bodiesOf(type, code, target, mac)) {
                  const body: Body = {
                    ...{ kind: "ip", source: from, destination: to, protocol: protocol.icmpv6 },
                    ...{ fragment: "no", timeToLive: 255, typeOfService: 0 },
                    transport: { kind: "icmp", type, code, ...(neighbour && { neighbour }) },
                  };
                  yield { port, frame: { source, destination, body } };
                }
}

/** Solicitation, advertisement, the others of RFC 4861, and a solicitation that is none for its code. */
const kinds: readonly (readonly [type: number, code: number])[] = [
  ...([135, 136, 134] as const).map((type) => [type, 0] as const),
  [135, 1],
];

function destinationsOf(target: Address): readonly Mac[] {
  return [macOf(bridgeMac), 0x3333ff000000n | (target.value & 0xffffffn)];
}

function* bodiesOf(type: number, code: number, target: Address, mac: Mac) {
  if ((type !== 135 && type !== 136) || code !== 0) {
    yield undefined;
    return;
  }
  for (const option of [undefined, mac, otherMac]) {
    const own = option === undefined ? {} : linkLayer(type === 135, option);
    yield { target, ...own };
    // the one that does not belong there
    if (option === mac) yield { target, ...own, ...linkLayer(type === 136, mac) };
  }
}

function linkLayer(isSource: boolean, mac: Mac) {
  return isSource ? { sourceLinkLayer: mac } : { targetLinkLayer: mac };
}

/** RFC 4291, section 2.7.1. */
function groupOf({ value }: Address): Address {
  return { family: 6, value: (0xff02n << 112n) | (0x1ffn << 24n) | (value & 0xffffffn) };
}

function macOf(text: string): Mac {
  return parseMac(text) as Mac;
}
