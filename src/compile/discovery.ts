/** Neighbour discovery from a local endpoint (RFC 4861). ARP's counterpart, and the CPU's too: flower has no key for it. */

import type { Address } from "../net/address.js";
import { prefixOf } from "../net/prefix.js";
import type { Action } from "../openflow/action.js";
import { addressesOf, type LocalEndpoint } from "./fleet.js";
import type { FlowSink } from "./flow-sink.js";
import { ownAddresses, ownMacOrNone } from "./itself.js";
import { addOwnGroup } from "./own-group.js";
import type { RailView } from "./rail-view.js";
import { macStrides, narrow } from "./strides.js";
import { addScreen, addWalk, firstOf, macMask } from "./walk.js";

/** The service class of a bridged rail's advertisements: their destinations are the source's neighbours. */
export const advertisementService = "neighbour advertisement";

/** How a solicitation was sent; unmarked as long as that has not been looked at. */
export const toGroup = "to a solicited-node group";
const toGateway = "to a gateway";

/** The first 104 bits of every solicited-node group, whose last 24 are the target's (RFC 4291, section 2.7.1). */
const groupPrefix = (0xff02n << 112n) | (0x1ffn << 24n);
/** The first 24 bits of every such group's Ethernet address (RFC 2464, section 7). */
const groupMacPrefix = 0x3333ffn << 24n;

export function groupOf(address: bigint): bigint {
  return groupPrefix | (address & 0xffffffn);
}

export function groupMacOf(address: bigint): bigint {
  return groupMacPrefix | (address & 0xffffffn);
}

export function addEndpointDiscovery(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const { pipeline } = view;
  const inPort = local.representor;
  const solicitation = { message: "solicitation" } as const;
  const ask = { inPort, ip: { family: 6, neighbour: solicitation } } as const;
  const toSourceMac = sink.goTo(firstOf(pipeline.neighbourSourceMac));
  if (view.isRouted) {
    // one that was not sent to a group was sent to the bridge's own address
    const registers = sink.marked({ spare: toGroup });
    sink.add(pipeline.ipv6Kind, 400, { ...ask, registers }, [toSourceMac], "solicitation");
    const actions = [sink.mark("spare", toGateway), toSourceMac];
    sink.add(pipeline.ipv6Kind, 300, ask, actions, "solicitation");
  } else sink.add(pipeline.ipv6Kind, 300, ask, [toSourceMac], "solicitation");
  const next = view.isRouted ? pipeline.neighbourRetype : firstOf(pipeline.neighbourTarget);
  addWalk(
    sink,
    pipeline.neighbourSourceMac,
    ownMacOrNone(local, [sink.goTo(next)]),
    (value, length) => ({
      inPort,
      ip: { family: 6, neighbour: { ...solicitation, sourceLinkLayer: macMask(value, length) } },
    }),
  );
  if (view.isRouted) addReply(view, sink, local);
  else addAdvertisement(view, sink, local);
}

/**
 * The target asks back: its solicitation holds the bridge's MAC, which whoever hears it remembers (RFC 4861, section
 * 7.2.3). An advertisement needs flags and an option that only OVS's userspace datapath can set: the kernel's refuses
 * the flow (check_nd_extensions() in ofproto/ofproto-dpif.c).
 */
function addReply({ pipeline, mac }: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const inPort = local.representor;
  const message = "solicitation" as const;
  for (const address of addressesOf(local, 6)) {
    const spec = {
      inPort,
      ip: { family: 6, neighbour: { message, target: prefixOf(address) } },
    } as const;
    sink.add(pipeline.neighbourReply, 300, spec, [], "the endpoint's own address is its own");
  }
  const actions: Action[] = [
    { kind: "set", field: "dl_src", value: mac },
    { kind: "set", field: "dl_dst", value: local.mac },
    { kind: "move", from: "ipv6_src", to: "ipv6_dst" },
    { kind: "move", from: "nd_target", to: "ipv6_src" },
    { kind: "move", from: "ipv6_dst", to: "nd_target" },
    { kind: "set", field: "nd_sll", value: mac },
    { kind: "output", port: "IN_PORT" },
  ];
  const spec = { inPort, ip: { family: 6, neighbour: { message } } } as const;
  sink.add(pipeline.neighbourReply, 100, spec, actions, "the bridge answers solicitations");
}

/** An endpoint advertises itself, to those who may ask for it. */
function addAdvertisement(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const { pipeline } = view;
  const inPort = local.representor;
  const message = "advertisement" as const;
  const spec = { inPort, ip: { family: 6, neighbour: { message } } } as const;
  sink.add(pipeline.ipv6Kind, 300, spec, [sink.goTo(firstOf(pipeline.neighbourTarget))], message);
  addWalk(
    sink,
    pipeline.neighbourTarget,
    ownAddresses(local, 6, [sink.goTo(firstOf(pipeline.neighbourTargetMac))]),
    (value, length) => ({
      inPort,
      ip: { family: 6, neighbour: { message, target: { family: 6, value, length } } },
    }),
  );
  const actions = [
    sink.mark("service", advertisementService),
    sink.goTo(firstOf(pipeline.ipv6Destination)),
  ];
  addWalk(sink, pipeline.neighbourTargetMac, ownMacOrNone(local, actions), (value, length) => ({
    inPort,
    ip: { family: 6, neighbour: { message, targetLinkLayer: macMask(value, length) } },
  }));
}

/**
 * What the reply rewrites is exact in its megaflow, so it is screened first; with one part of the message all of it is
 * (commit_set_nd_action() in lib/odp-util.c). A match on solicitations cannot see the target's link-layer option, so
 * the message is called an advertisement for as long as that is looked at.
 */
export function addDiscoveryScreens(view: RailView, sink: FlowSink): void {
  const { pipeline, mac } = view;
  addScreen(
    sink,
    pipeline.ethernetDestination,
    macStrides,
    [
      { value: mac, length: 48, actions: [sink.goTo(pipeline.ipv6Kind)], why: "to the gateway" },
      {
        value: groupMacPrefix,
        length: 24,
        actions: [sink.mark("spare", toGroup), sink.goTo(pipeline.ipv6Kind)],
        why: toGroup,
      },
    ],
    (value, length) => ({ ethernetDestination: macMask(value, length), ip: { family: 6 } }),
  );
  sink.add(
    pipeline.neighbourRetype,
    100,
    { ip: { family: 6, neighbour: { message: "solicitation" } } },
    [{ kind: "set", field: "icmpv6_type", value: 136n }, sink.goTo(pipeline.neighbourNoTarget)],
    "to see all of the message",
  );
  addScreen(
    sink,
    pipeline.neighbourNoTarget,
    macStrides,
    [
      {
        value: 0n,
        length: 48,
        actions: [
          { kind: "set", field: "icmpv6_type", value: 135n },
          sink.goTo(pipeline.neighbourGroup),
        ],
        why: "as it should be",
      },
    ],
    (value, length) => ({
      ip: {
        family: 6,
        neighbour: { message: "advertisement", targetLinkLayer: macMask(value, length) },
      },
    }),
  );
  const registers = sink.marked({ spare: toGroup });
  addScreen(
    sink,
    pipeline.neighbourGroup,
    narrow(128),
    [
      {
        value: groupPrefix,
        length: 104,
        actions: [sink.goTo(firstOf(pipeline.neighbourTarget))],
        why: toGroup,
      },
    ],
    (value, length) => ({
      registers,
      ip: { family: 6, destination: { family: 6, value, length } },
    }),
  );
  addOwnGroup(view, sink);
  addGateways(view, sink, view.gateways(6));
}

/** A gateway is probed at its own address as long as it is known (RFC 4861, section 7.3.3); peers are asked for anew. */
function addGateways({ pipeline }: RailView, sink: FlowSink, gateways: readonly Address[]): void {
  const registers = sink.marked({ spare: toGateway });
  const unicast = { registers, ip: { family: 6 } } as const;
  sink.add(
    pipeline.neighbourGroup,
    100,
    unicast,
    [sink.goTo(pipeline.neighbourGateway)],
    toGateway,
  );
  addScreen(
    sink,
    pipeline.neighbourGateway,
    narrow(128),
    gateways.map(({ value }) => ({
      value,
      length: 128,
      actions: [sink.goTo(firstOf(pipeline.neighbourTarget))],
      why: toGateway,
    })),
    (value, length) => ({ ip: { family: 6, destination: { family: 6, value, length } } }),
  );
  for (const gateway of gateways)
    addWalk(
      sink,
      pipeline.neighbourTarget,
      [
        {
          value: gateway.value,
          length: 128,
          actions: [sink.goTo(pipeline.neighbourReply)],
          why: toGateway,
        },
      ],
      (value, length) => ({
        registers,
        ip: {
          family: 6,
          destination: prefixOf(gateway),
          neighbour: { message: "solicitation", target: { family: 6, value, length } },
        },
      }),
    );
}
