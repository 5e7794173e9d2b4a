/**
 * The fence around one local endpoint: only it speaks from its representor, as itself, and only to the gateway on a
 * routed rail. Fields without a prefix trie are walked, so that spoofing makes few megaflows.
 */

import type { Family } from "../net/address.js";
import { addressSetOf, prefixesOf } from "../net/address-set.js";
import { broadcastMac } from "../net/mac.js";
import { prefixOf } from "../net/prefix.js";
import type { Action } from "../openflow/action.js";
import type { MatchSpec } from "../openflow/match-spec.js";
import { bits, uplinkOutput } from "./destination.js";
import type { LocalEndpoint } from "./fleet.js";
import type { FlowSink } from "./flow-sink.js";
import type { RailView } from "./rail-view.js";
import { addWalk, type Step, withoutDoubles } from "./walk.js";

const notItself = "only the endpoint itself speaks from its representor";

export function addEndpoint(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  addClassify(view, sink, local);
  addEthernetSource(view, sink, local);
  if (addressesOf(local, 4).length > 0) addIpv4(view, sink, local);
  if (addressesOf(local, 6).length > 0) addIpv6(view, sink, local);
  addOutput(view, sink, local);
}

function addClassify({ pipeline, isRouted }: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const inPort = local.representor;
  const [first] = (isRouted ? pipeline.ethernetDestination : pipeline.ethernetSource).tables;
  const actions = [sink.mark("source", local.party.label), sink.goTo(required(first))];
  // all tagged frames share one megaflow, for only the presence bit of the tag is looked at
  const add = (spec: MatchSpec) =>
    sink.add(pipeline.classify, 50_100, { inPort, untagged: true, ...spec }, actions, notItself);
  if (addressesOf(local, 4).length > 0) {
    add({ ip: { family: 4 } });
    add({ arp: {} });
  }
  if (addressesOf(local, 6).length > 0) add({ ip: { family: 6 } });
  sink.add(pipeline.classify, 50_000, { inPort }, [], "what an endpoint may not send at all");
}

function addEthernetSource({ pipeline }: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const inPort = local.representor;
  addWalk(
    sink,
    pipeline.ethernetSource,
    [ownMac(local, [sink.goTo(pipeline.etherType)])],
    (value, length) => ({ inPort, ethernetSource: macMask(value, length) }),
  );
}

function addIpv4(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const { pipeline } = view;
  const inPort = local.representor;
  const addresses = addressesOf(local, 4);
  for (const address of addresses) {
    const spec = { inPort, ip: { family: 4, source: prefixOf(address) } } as const;
    sink.add(pipeline.ipv4Source, 100, spec, [sink.goTo(pipeline.service)], notItself);
  }
  addWalk(
    sink,
    pipeline.arpSenderMac,
    [ownMac(local, [sink.goTo(required(pipeline.arpSender.tables[0]))])],
    (value, length) => ({ inPort, arp: { senderMac: macMask(value, length) } }),
  );
  const next = (view.isRouted ? pipeline.arpTargetMac : pipeline.arpTarget).tables[0];
  addWalk(
    sink,
    pipeline.arpSender,
    ownAddresses(local, 4, [sink.goTo(required(next))]),
    (value, length) => ({ inPort, arp: { senderAddress: { family: 4, value, length } } }),
  );
  if (view.isRouted) addArpReply(view, sink, local);
}

/**
 * The bridge answers in the pipeline, as its own address, for whomever was asked for (RFC 826; RFC 1027 calls it proxy
 * ARP). `set(arp)` cannot be offloaded: these few frames are the CPU's.
 */
function addArpReply({ pipeline, mac }: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const inPort = local.representor;
  for (const address of addressesOf(local, 4)) {
    const spec = { inPort, arp: { targetAddress: prefixOf(address) } };
    // a pod that asks for its own address looks for a double of itself
    sink.add(pipeline.arpReply, 300, spec, [], "the endpoint's own address is its own");
  }
  const actions: Action[] = [
    { kind: "set", field: "dl_src", value: mac },
    { kind: "set", field: "dl_dst", value: local.mac },
    { kind: "set", field: "arp_op", value: 2n },
    { kind: "set", field: "arp_sha", value: mac },
    { kind: "set", field: "arp_tha", value: local.mac },
    { kind: "move", from: "arp_spa", to: "reg3" },
    { kind: "move", from: "arp_tpa", to: "arp_spa" },
    { kind: "move", from: "reg3", to: "arp_tpa" },
    { kind: "output", port: "IN_PORT" },
  ];
  sink.add(
    pipeline.arpReply,
    100,
    { inPort, arp: { operation: 1 } },
    actions,
    "the bridge answers ARP",
  );
}

function addIpv6(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const { pipeline } = view;
  const inPort = local.representor;
  addWalk(
    sink,
    pipeline.ipv6Source,
    ownAddresses(local, 6, [sink.goTo(pipeline.ipv6Kind)]),
    (value, length) => ({ inPort, ip: { family: 6, source: { family: 6, value, length } } }),
  );
  const solicitation = {
    inPort,
    ip: { family: 6, neighbour: { message: "solicitation" } },
  } as const;
  const [sourceMac] = pipeline.neighbourSourceMac.tables;
  sink.add(pipeline.ipv6Kind, 300, solicitation, [sink.goTo(required(sourceMac))], "solicitation");
  addWalk(
    sink,
    pipeline.neighbourSourceMac,
    ownMacOrNone(local, [sink.goTo(required(pipeline.neighbourTarget.tables[0]))]),
    (value, length) => ({
      inPort,
      ip: {
        family: 6,
        neighbour: { message: "solicitation", sourceLinkLayer: macMask(value, length) },
      },
    }),
  );
  if (view.isRouted) addNeighbourReply(view, sink, local);
  else addAdvertisement(view, sink, local);
}

/** RFC 4861, section 7.2.4. The type is changed first, for only then may the advertisement's own fields be set. */
function addNeighbourReply(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const { pipeline, mac } = view;
  const inPort = local.representor;
  for (const address of addressesOf(local, 6)) {
    const neighbour = { message: "solicitation", target: prefixOf(address) } as const;
    const spec = { inPort, ip: { family: 6, neighbour } } as const;
    sink.add(pipeline.neighbourReply, 300, spec, [], "the endpoint's own address is its own");
  }
  const spec = { inPort, ip: { family: 6, neighbour: { message: "solicitation" } } } as const;
  const actions: Action[] = [
    { kind: "set", field: "dl_src", value: mac },
    { kind: "set", field: "dl_dst", value: local.mac },
    { kind: "move", from: "ipv6_src", to: "ipv6_dst" },
    { kind: "move", from: "nd_target", to: "ipv6_src" },
    { kind: "set", field: "icmpv6_type", value: 136n },
    sink.goTo(required(pipeline.neighbourReplyMac.tables[0])),
  ];
  sink.add(pipeline.neighbourReply, 100, spec, actions, "the bridge answers solicitations");
}

/** An endpoint advertises itself, to those who may ask for it. */
function addAdvertisement(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const { pipeline } = view;
  const inPort = local.representor;
  const advertisement = {
    inPort,
    ip: { family: 6, neighbour: { message: "advertisement" } },
  } as const;
  const [target] = pipeline.neighbourTarget.tables;
  sink.add(pipeline.ipv6Kind, 300, advertisement, [sink.goTo(required(target))], "advertisement");
  addWalk(
    sink,
    pipeline.neighbourTarget,
    ownAddresses(local, 6, [sink.goTo(required(pipeline.neighbourTargetMac.tables[0]))]),
    (value, length) => ({
      inPort,
      ip: {
        family: 6,
        neighbour: { message: "advertisement", target: { family: 6, value, length } },
      },
    }),
  );
  const actions = [
    sink.mark("service", advertisementService),
    sink.goTo(required(pipeline.ipv6Destination.tables[0])),
  ];
  addWalk(sink, pipeline.neighbourTargetMac, ownMacOrNone(local, actions), (value, length) => ({
    inPort,
    ip: {
      family: 6,
      neighbour: { message: "advertisement", targetLinkLayer: macMask(value, length) },
    },
  }));
}

/** The service class of a bridged rail's advertisements: their destinations are the source's neighbours. */
export const advertisementService = "neighbour advertisement";

function addOutput(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const registers = sink.marked({ output: local.representor });
  const rewrite: Action[] = view.isRouted
    ? [
        { kind: "set", field: "dl_src", value: view.mac },
        { kind: "set", field: "dl_dst", value: local.mac },
      ]
    : [];
  const output: Action = { kind: "output", port: local.representor };
  sink.add(view.pipeline.forward, 100, { registers }, [...rewrite, output], "to the endpoint");
}

/** What does not depend on who is on the node: the gateway's own address, the way out, and the answers' last steps. */
export function addCommon(view: RailView, sink: FlowSink): void {
  const { pipeline, ports } = view;
  const add = (spec: MatchSpec, to: typeof pipeline.classify | undefined) =>
    sink.add(pipeline.etherType, 100, spec, [sink.goTo(required(to))], "by EtherType");
  add({ arp: {} }, pipeline.arpSenderMac.tables[0]);
  add({ ip: { family: 4 } }, pipeline.ipv4Source);
  add({ ip: { family: 6 } }, pipeline.ipv6Source.tables[0]);
  for (const type of [133, 134, 135, 136, 137])
    sink.add(
      pipeline.ipv6Kind,
      200,
      { ip: { family: 6, icmp: { type } } },
      [],
      "not an endpoint's to say",
    );
  const toGateway = view.isRouted ? { ethernetDestination: macMask(view.mac, 48) } : {};
  const toService = [sink.goTo(pipeline.service)];
  sink.add(
    pipeline.ipv6Kind,
    100,
    { ...toGateway, ip: { family: 6 } },
    toService,
    "other than discovery",
  );
  const registers = { 2: 0 };
  const toIpv4 = [sink.goTo(pipeline.ipv4Destination)];
  sink.add(pipeline.permit, 100, { registers, ip: { family: 4 } }, toIpv4, "from an endpoint");
  const toIpv6 = [sink.goTo(required(pipeline.ipv6Destination.tables[0]))];
  sink.add(pipeline.permit, 100, { registers, ip: { family: 6 } }, toIpv6, "from an endpoint");
  const rewrite: Action[] = view.isRouted
    ? [
        { kind: "set", field: "dl_src", value: view.mac },
        { kind: "set", field: "dl_dst", value: view.nextHop },
      ]
    : [];
  const output: Action = { kind: "output", port: ports.uplink };
  const out = sink.marked({ output: uplinkOutput });
  sink.add(pipeline.forward, 100, { registers: out }, [...rewrite, output], "to the fabric");
  if (view.isRouted) addGateway(view, sink);
}

function addGateway({ pipeline, mac }: RailView, sink: FlowSink): void {
  const onward = [sink.goTo(required(pipeline.ethernetSource.tables[0]))];
  const why = "only to the gateway";
  const ethernet = (value: bigint, length: number) => ({
    ethernetDestination: macMask(value, length),
  });
  const step = (value: bigint): Step => ({ value, length: 48, actions: onward, why });
  addWalk(sink, pipeline.ethernetDestination, [step(mac)], ethernet);
  addWalk(sink, pipeline.ethernetDestination, [step(broadcastMac)], (value, length) => ({
    ...ethernet(value, length),
    arp: {},
  }));
  const target = [sink.goTo(required(pipeline.arpTarget.tables[0]))];
  addWalk(
    sink,
    pipeline.arpTargetMac,
    [0n, broadcastMac].map((value) => ({
      value,
      length: 48,
      actions: target,
      why: "not known yet",
    })),
    (value, length) => ({ arp: { targetMac: macMask(value, length) } }),
  );
  const reply: Action[] = [
    // router, solicited, override (RFC 4861, section 4.4)
    { kind: "set", field: "nd_reserved", value: 0xe0000000n },
    { kind: "set", field: "nd_options_type", value: 2n },
    { kind: "set", field: "nd_tll", value: mac },
    { kind: "output", port: "IN_PORT" },
  ];
  addWalk(
    sink,
    pipeline.neighbourReplyMac,
    [{ value: 0n, length: 48, actions: reply, why: "the bridge answers solicitations" }],
    (value, length) => ({
      ip: {
        family: 6,
        neighbour: { message: "advertisement", targetLinkLayer: macMask(value, length) },
      },
    }),
  );
}

export function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("a walk without tables");
  return value;
}

export function macMask(value: bigint, length: number): { value: bigint; mask: bigint } {
  return { value, mask: (1n << 48n) - (1n << BigInt(48 - length)) };
}

export function addressesOf(local: LocalEndpoint, family: Family) {
  return local.addresses.filter((address) => address.family === family);
}

function ownMac(local: LocalEndpoint, actions: readonly Action[]): Step {
  return { value: local.mac, length: 48, actions, why: notItself };
}

/** An option that is not in the packet reads as zero. */
function ownMacOrNone(local: LocalEndpoint, actions: readonly Action[]): Step[] {
  return withoutDoubles([
    ownMac(local, actions),
    { value: 0n, length: 48, actions, why: notItself },
  ]);
}

function ownAddresses(local: LocalEndpoint, family: Family, actions: readonly Action[]): Step[] {
  return prefixesOf(addressSetOf(family, local.addresses)).map((prefix) => ({
    ...bits(prefix),
    actions,
    why: notItself,
  }));
}
