/** The packets that the demo sends on node gpu-001: allowed and forbidden, from pods and from the fabric. */

import { type Address, parseAddress } from "../../src/net/address.js";
import type { Frame, Transport } from "../../src/net/packet.js";
import { protocol, rocePort } from "../../src/net/protocol.js";
import type { Port } from "../../src/policy/decision.js";
import type { Endpoint, Inventory } from "../../src/policy/inventory.js";

export interface DemoPacket {
  readonly rail: string;
  /** `namespace/pod`, or an address that no pod has. */
  readonly from: string;
  readonly to: string;
  readonly what: string;
  readonly port: Port;
  /** Alike but for the source port, which RoCEv2 changes all the time. */
  readonly frames: readonly Frame[];
}

interface Wish {
  readonly rail: "pf1" | "pf2";
  readonly from: string;
  readonly to: string;
  readonly what: keyof typeof transports;
  readonly family?: 6;
  /** The pod writes another pod's address into its packet. */
  readonly pretends?: string;
}

const sourcePorts = [50_001, 51_234, 52_345, 53_456, 54_567];
const anyPort = 0;

const transports = {
  RoCEv2: { number: protocol.udp, transport: ports(anyPort, rocePort) },
  NFS: { number: protocol.tcp, transport: ports(anyPort, 2049, 2) },
  SSH: { number: protocol.tcp, transport: ports(anyPort, 22, 2) },
  ping: { number: protocol.icmp, transport: { kind: "icmp", type: 8, code: 0 } },
} satisfies Record<string, { number: number; transport: Transport }>;

const trainer = "search-train/worker-0";
const storage = "10.200.7.7";

const wishes: readonly Wish[] = [
  { rail: "pf1", from: trainer, to: "search-train/worker-1", what: "RoCEv2" },
  { rail: "pf1", from: trainer, to: "search-train/worker-1", what: "RoCEv2", family: 6 },
  { rail: "pf1", from: trainer, to: "search-eval/eval-0", what: "ping" },
  { rail: "pf1", from: trainer, to: storage, what: "NFS" },
  { rail: "pf1", from: trainer, to: storage, what: "SSH" },
  { rail: "pf1", from: trainer, to: "speech-train/worker-1", what: "RoCEv2" },
  { rail: "pf2", from: trainer, to: "speech-train/worker-1", what: "RoCEv2" },
  { rail: "pf2", from: trainer, to: "search-train/worker-1", what: "RoCEv2" },
  { rail: "pf1", from: "speech-dev/notebook-0", to: storage, what: "NFS" },
  {
    rail: "pf1",
    from: "speech-dev/notebook-0",
    to: storage,
    what: "NFS",
    pretends: "speech-train/worker-0",
  },
  { rail: "pf1", from: "speech-train/worker-1", to: trainer, what: "RoCEv2" },
  { rail: "pf1", from: "192.0.2.66", to: trainer, what: "RoCEv2" },
];

export function packetsFor(inventory: Inventory, node: string): DemoPacket[] {
  return wishes.map((wish) => packetOf(wish, inventory, node));
}

function packetOf(wish: Wish, inventory: Inventory, node: string): DemoPacket {
  const opener = endpointOf(inventory, wish.rail, wish.from);
  const answerer = endpointOf(inventory, wish.rail, wish.to);
  const family = wish.family ?? 4;
  const local = opener?.node === node ? opener : undefined;
  const speaker =
    wish.pretends === undefined ? opener : endpointOf(inventory, wish.rail, wish.pretends);
  const ports = inventory.nodes.get(node)?.rails.get(wish.rail);
  const { number, transport } = transports[wish.what];
  const isRouted = inventory.rails.get(wish.rail)?.mode === "routed";
  // a routed rail's pods send to the bridge, and the leaf does too
  const frame: Frame = {
    source: local?.mac ?? (isRouted ? ports?.nextHop : opener?.mac) ?? 0n,
    destination: (isRouted ? ports?.mac : answerer?.mac) ?? 0n,
    body: {
      kind: "ip",
      source: addressOf(speaker, wish.from, family),
      destination: addressOf(answerer, wish.to, family),
      protocol: number,
      fragment: "no",
      timeToLive: 64,
      typeOfService: 0,
      transport,
    },
  };
  return {
    rail: wish.rail,
    from: wish.from,
    to: wish.to,
    what: `${wish.what}${family === 6 ? ", IPv6" : ""}${wish.pretends === undefined ? "" : ", forged"}`,
    port: local?.representor === undefined ? "uplink" : { representor: local.representor },
    frames: sourcePorts.map((source) => withSourcePort(frame, source)),
  };
}

function withSourcePort(frame: Frame, source: number): Frame {
  const { body } = frame;
  if (body.kind !== "ip" || body.transport?.kind !== "ports") return frame;
  return { ...frame, body: { ...body, transport: { ...body.transport, source } } };
}

function endpointOf(inventory: Inventory, rail: string, name: string): Endpoint | undefined {
  return inventory.endpoints.find(
    (one) => one.rail === rail && `${one.namespace}/${one.pod}` === name,
  );
}

function addressOf(endpoint: Endpoint | undefined, text: string, family: 4 | 6): Address {
  const address = endpoint?.addresses.find((one) => one.family === family) ?? parseAddress(text);
  if (address === undefined) throw new Error(`the sample fleet has no ${text}`);
  return address;
}

function ports(source: number, destination: number, tcpFlags?: number): Transport {
  return {
    kind: "ports",
    source,
    destination,
    ...(tcpFlags === undefined ? {} : { tcpFlags }),
  };
}
