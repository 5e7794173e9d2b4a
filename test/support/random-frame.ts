/** Random frames that come near to what a world's policy tells apart: edges of prefixes, ports and kinds. */

import { type Address, type Family, isSameAddress } from "../../src/net/address.js";
import { broadcastMac, type Mac } from "../../src/net/mac.js";
import type { Body, Frame, Transport } from "../../src/net/packet.js";
import { firstOf, lastOf, type Prefix, parsePrefix } from "../../src/net/prefix.js";
import { icmpEcho, icmpv6Echo, protocol } from "../../src/net/protocol.js";
import type { Endpoint, Inventory, NodeRail } from "../../src/policy/inventory.js";
import type { Random } from "./random.js";
import type { World } from "./random-world.js";

export type ArrivalPort = "host" | "uplink" | { readonly representor: string };

export interface RandomArrival {
  readonly port: ArrivalPort;
  readonly frame: Frame;
}

const ports = [
  0, 1, 22, 53, 54, 179, 399, 400, 442, 443, 444, 500, 501, 1023, 1024, 2049, 4000, 4790, 4791,
  4792, 5000, 8079, 8080, 8085, 8090, 8091, 32767, 32768, 40000, 65534, 65535,
];

export function randomArrival(random: Random, world: World, rail: string): RandomArrival {
  const here = world.inventory.endpoints.filter(
    (endpoint) => endpoint.node === world.node && endpoint.rail === rail,
  );
  const ports = world.inventory.nodes.get(world.node)?.rails.get(rail) as NodeRail;
  const draw = random.next();
  if (draw < 0.03) return { port: "host", frame: anyFrame(random, world, ports) };
  const local = here.length === 0 ? undefined : random.pick(here);
  if (local === undefined || draw < 0.4)
    return { port: "uplink", frame: fromFabric(random, world, rail, ports, local) };
  return {
    port: { representor: local.representor as string },
    frame: fromPod(random, world, rail, ports, local),
  };
}

function fromPod(
  random: Random,
  world: World,
  rail: string,
  ports: NodeRail,
  pod: Endpoint,
): Frame {
  const address = random.pick(pod.addresses);
  const source = mostly(random, address, () => somewhere(random, world, rail, address.family));
  const destination = somewhere(random, world, rail, source.family);
  const body = randomBody(random, source, destination, pod.mac as Mac);
  return {
    source: mostly(random, pod.mac as Mac, () => nearMac(random, pod.mac as Mac)),
    destination: destinationMac(random, ports, world.inventory, destination, body),
    ...(random.chance(0.02) ? { vlan: random.below(4096) } : {}),
    body,
  };
}

function fromFabric(
  random: Random,
  world: World,
  rail: string,
  ports: NodeRail,
  local: Endpoint | undefined,
): Frame {
  const family = local === undefined ? 4 : random.pick(local.addresses).family;
  const own = local?.addresses.find((address) => address.family === family);
  const destination =
    own === undefined
      ? somewhere(random, world, rail, family)
      : mostly(random, own, () => somewhere(random, world, rail, family));
  const source = somewhere(random, world, rail, family);
  const sender = 0x0c42a1ff0000n + random.bits(4);
  const body = randomBody(random, source, destination, sender);
  return {
    source: sender,
    destination: destinationMac(random, ports, world.inventory, destination, body),
    ...(random.chance(0.02) ? { vlan: random.below(4096) } : {}),
    body,
  };
}

function anyFrame(random: Random, world: World, ports: NodeRail): Frame {
  const rail = random.pick([...world.inventory.rails.keys()]);
  return fromFabric(random, world, rail, ports, undefined);
}

function mostly<Value>(random: Random, value: Value, other: () => Value): Value {
  return random.chance(0.93) ? value : other();
}

function nearMac(random: Random, mac: Mac): Mac {
  return random.chance(0.5) ? mac ^ (1n << BigInt(random.below(48))) : random.bits(48);
}

/** Mostly an endpoint; else an edge of a network or subnet, a neighbour of an endpoint, or a special address. */
function somewhere(random: Random, world: World, rail: string, family: Family): Address {
  const { inventory, policy } = world;
  const endpoints = inventory.endpoints.filter(
    (endpoint) => endpoint.rail === rail || random.chance(0.3),
  );
  const addresses = endpoints
    .flatMap((one) => one.addresses)
    .filter((one) => one.family === family);
  const width = family === 4 ? 32 : 128;
  const within = (value: bigint): Address => ({ family, value: BigInt.asUintN(width, value) });
  const draw = random.next();
  if (draw < 0.6 && addresses.length > 0) return random.pick(addresses);
  if (draw < 0.7 && addresses.length > 0)
    return within(
      random.chance(0.8)
        ? random.pick(addresses).value + BigInt(random.pick([-1, 1]))
        : random.pick(addresses).value ^ (1n << BigInt(random.below(width))),
    );
  const rails = [...inventory.rails.values()];
  const prefixes = [
    ...rails.flatMap(({ subnets }) => subnets),
    ...[...policy.tenants.values()].flatMap(({ networks }) => networks),
    ...special,
  ].filter((prefix) => prefix.family === family);
  if (draw < 0.92) {
    const prefix = random.pick(prefixes);
    return within(
      random.pick([
        firstOf(prefix),
        lastOf(prefix),
        firstOf(prefix) - 1n,
        lastOf(prefix) + 1n,
        firstOf(prefix) + 3n,
        (firstOf(prefix) + lastOf(prefix)) / 2n,
      ]),
    );
  }
  const gateways = rails.flatMap(({ gateways }) => gateways).filter((one) => one.family === family);
  return gateways.length > 0 && draw < 0.96 ? random.pick(gateways) : within(random.bits(width));
}

const special: readonly Prefix[] = [
  "224.0.0.0/4",
  "255.255.255.255",
  "ff00::/8",
  "ff02::1:ff00:0/104",
  "8.8.8.8",
  "2001:db8::1",
  "fe80::/64",
  "0.0.0.0",
  "::",
].map((text) => {
  const parsed = parsePrefix(text);
  if (parsed.kind !== "prefix") throw new Error(text);
  return parsed.prefix;
});

function destinationMac(
  random: Random,
  ports: NodeRail,
  inventory: Inventory,
  destination: Address,
  body: Body,
): Mac {
  if (random.chance(0.04)) return nearMac(random, ports.mac ?? broadcastMac);
  if (body.kind === "arp" && random.chance(0.7)) return broadcastMac;
  const asked =
    body.kind === "ip" && body.transport?.kind === "icmp" ? body.transport.neighbour : undefined;
  if (asked !== undefined && random.chance(0.7))
    return 0x3333ff000000n | (asked.target.value & 0xffffffn);
  const owner = inventory.endpoints.find((one) =>
    one.addresses.some((own) => isSameAddress(own, destination)),
  );
  return ports.mac ?? owner?.mac ?? broadcastMac;
}

function randomBody(random: Random, source: Address, destination: Address, sender: Mac): Body {
  const draw = random.next();
  if (draw < 0.02)
    return { kind: "other", etherType: random.pick([0x88cc, 0x8809, 0x8847, 0x9000]) };
  if (source.family === 4 && draw < 0.2)
    return {
      kind: "arp",
      operation: random.pick([1, 1, 1, 2, 3]),
      senderMac: mostly(random, sender, () => nearMac(random, sender)),
      senderAddress: source,
      targetMac: random.pick([0n, 0n, 0n, broadcastMac, sender, 1n]),
      targetAddress: destination,
    };
  if (source.family === 6 && draw < 0.2) return discovery(random, source, destination, sender);
  const ip = {
    kind: "ip",
    source,
    destination,
    timeToLive: random.pick([1, 63, 64, 255]),
    typeOfService: random.pick([0, 2, 0x68, 0xff]),
  } as const;
  if (draw < 0.25) return { ...ip, protocol: random.pick([6, 17, 1, 58, 47]), fragment: "later" };
  const number = random.pick([
    6,
    6,
    6,
    17,
    17,
    source.family === 4 ? 1 : 58,
    1,
    58,
    47,
    132,
    0,
    255,
  ]);
  const transport = randomTransport(random, number, source.family);
  const fragment = random.chance(0.04) ? "first" : "no";
  return { ...ip, protocol: number, fragment, ...(transport === undefined ? {} : { transport }) };
}

function randomTransport(random: Random, number: number, family: Family): Transport | undefined {
  if (number === protocol.tcp || number === protocol.udp || number === protocol.sctp)
    return {
      kind: "ports",
      source: random.pick(ports),
      destination: random.pick(ports),
      ...(number === protocol.tcp
        ? { tcpFlags: random.pick([0x02, 0x10, 0x12, 0x18, 0x04, 0x11, 0xfef]) }
        : {}),
    };
  if (number !== (family === 4 ? protocol.icmp : protocol.icmpv6)) return undefined;
  const echo = family === 4 ? icmpEcho : icmpv6Echo;
  const types = family === 4 ? [3, 5, 11, 12, 13, 255] : [1, 2, 3, 4, 130, 132, 138, 255];
  return {
    kind: "icmp",
    type: random.pick([echo.request, echo.request, echo.reply, echo.reply, ...types]),
    code: random.pick([0, 0, 0, 1, 2, 4, 255]),
  };
}

function discovery(random: Random, source: Address, destination: Address, sender: Mac): Body {
  const type = random.pick([135, 135, 135, 136, 136, 133, 134, 137]);
  const target = type === 136 && random.chance(0.6) ? source : destination;
  const group: Address = {
    family: 6,
    value: (0xff02n << 112n) | (0x1ffn << 24n) | (target.value & 0xffffffn),
  };
  const option = () =>
    random.chance(0.8) ? mostly(random, sender, () => nearMac(random, sender)) : undefined;
  const own = option();
  const neighbour =
    type === 135 || type === 136
      ? {
          target,
          ...(type === 135 && own !== undefined ? { sourceLinkLayer: own } : {}),
          ...(type === 136 && own !== undefined ? { targetLinkLayer: own } : {}),
        }
      : undefined;
  return {
    kind: "ip",
    source,
    destination: type === 135 && random.chance(0.7) ? group : destination,
    protocol: protocol.icmpv6,
    fragment: "no",
    timeToLive: 255,
    typeOfService: 0,
    transport: {
      kind: "icmp",
      type,
      code: neighbour !== undefined || random.chance(0.8) ? 0 : 1,
      ...(neighbour === undefined ? {} : { neighbour }),
    },
  };
}
