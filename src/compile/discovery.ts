/** Neighbour discovery from a local endpoint (RFC 4861). ARP's counterpart, and the CPU's too: flower has no key for it. */

import { prefixOf } from "../net/prefix.js";
import type { Action } from "../openflow/action.js";
import { addressesOf, type LocalEndpoint } from "./fleet.js";
import type { FlowSink } from "./flow-sink.js";
import { notItself, ownAddresses, ownMacOrNone } from "./itself.js";
import { addOwnGroup } from "./own-group.js";
import type { RailView } from "./rail-view.js";
import { ipv6Stages } from "./strides.js";
import { addExactWalk, addWalk, firstOf, type Step } from "./walk.js";

/** The service class of a bridged rail's advertisements: their destinations are the source's neighbours. */
export const advertisementService = "neighbour advertisement";

/** How a solicitation was sent; unmarked as long as that has not been looked at. */
export const toGroup = "to a solicited-node group";
const toGateway = "to a gateway";
const advertisement = "an advertisement";

/** The first 104 bits of every solicited-node group, whose last 24 are the target's (RFC 4291, section 2.7.1). */
const groupPrefix = (0xff02n << 112n) | (0x1ffn << 24n);
/** The first 24 bits of every such group's Ethernet address (RFC 2464, section 7). */
export const groupMacPrefix = 0x3333ffn << 24n;

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
  addExactWalk(
    sink,
    pipeline.neighbourSourceMac,
    ownMacOrNone(local),
    [sink.goTo(next)],
    notItself,
    (sourceLinkLayer) => ({
      inPort,
      ip: { family: 6, neighbour: { ...solicitation, sourceLinkLayer } },
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
  // apart from solicitations in a register: in one table, either would be looked at in the strides of both
  const registers = sink.marked({ spare: advertisement });
  const toTarget = [
    sink.mark("spare", advertisement),
    sink.goTo(firstOf(pipeline.neighbourTarget)),
  ];
  sink.add(pipeline.ipv6Kind, 300, spec, toTarget, message);
  addExactWalk(
    sink,
    { stages: ipv6Stages, tables: pipeline.neighbourTarget.tables },
    ownAddresses(local, 6),
    [sink.goTo(firstOf(pipeline.neighbourTargetMac))],
    notItself,
    (target) => ({ registers, inPort, ip: { family: 6, neighbour: { message, target } } }),
  );
  const actions = [
    sink.mark("service", advertisementService),
    sink.goTo(firstOf(pipeline.ipv6Destination)),
  ];
  addExactWalk(
    sink,
    pipeline.neighbourTargetMac,
    ownMacOrNone(local),
    actions,
    notItself,
    (targetLinkLayer) => ({ inPort, ip: { family: 6, neighbour: { message, targetLinkLayer } } }),
  );
}

/**
 * What the reply rewrites is exact in its megaflow, so it is looked at first; with one part of the message all of it is
 * (commit_set_nd_action() in lib/odp-util.c). A match on solicitations cannot see the target's link-layer option, so
 * the message is called an advertisement for as long as that is looked at.
 */
export function addSolicited(view: RailView, sink: FlowSink): void {
  const { pipeline } = view;
  sink.add(
    pipeline.neighbourRetype,
    100,
    { ip: { family: 6, neighbour: { message: "solicitation" } } },
    [{ kind: "set", field: "icmpv6_type", value: 136n }, sink.goTo(firstOf(pipeline.unknownMac))],
    "to see all of the message",
  );
  addExactWalk(
    sink,
    pipeline.unknownMac,
    [0n],
    [
      { kind: "set", field: "icmpv6_type", value: 135n },
      sink.goTo(firstOf(pipeline.ipv6Destination)),
    ],
    "not known yet",
    (targetLinkLayer) => ({
      ip: { family: 6, neighbour: { message: "advertisement", targetLinkLayer } },
    }),
  );
  const toTarget = [sink.goTo(firstOf(pipeline.neighbourTarget))];
  const group = { value: groupPrefix, length: 104, actions: toTarget, why: toGroup };
  addSentTo(view, sink, toGroup, [group]);
  addSentTo(
    view,
    sink,
    toGateway,
    view
      .gateways(6)
      .map(({ value }) => ({ value, length: 128, actions: toTarget, why: toGateway })),
  );
  addOwnGroup(view, sink);
  addGateways(view, sink);
}

/** Where a solicitation may be sent that was sent in this way. */
function addSentTo(
  { pipeline }: RailView,
  sink: FlowSink,
  way: string,
  steps: readonly Step[],
): void {
  const registers = sink.marked({ spare: way });
  addWalk(sink, pipeline.ipv6Destination, steps, (destination) => ({
    registers,
    ip: { family: 6, destination },
  }));
}

/** A gateway is probed at its own address as long as it is known (RFC 4861, section 7.3.3); peers are asked for anew. */
function addGateways(view: RailView, sink: FlowSink): void {
  const { pipeline } = view;
  const registers = sink.marked({ spare: toGateway });
  for (const gateway of view.gateways(6))
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
      (target) => ({
        registers,
        ip: {
          family: 6,
          destination: prefixOf(gateway),
          neighbour: { message: "solicitation", target },
        },
      }),
    );
}
