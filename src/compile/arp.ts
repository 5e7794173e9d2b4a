/**
 * ARP from a local endpoint. Who asks, and for whom, is walked; on a routed rail the bridge then answers, in the
 * pipeline, as its own address (RFC 826; RFC 1027 calls it proxy ARP). `set(arp)` cannot be offloaded: these few frames
 * are the CPU's.
 */

import { broadcastMac } from "../net/mac.js";
import { prefixOf } from "../net/prefix.js";
import type { Action } from "../openflow/action.js";
import { addressesOf, type LocalEndpoint } from "./fleet.js";
import type { FlowSink } from "./flow-sink.js";
import { ownAddresses, ownMac } from "./itself.js";
import type { RailView } from "./rail-view.js";
import { macStrides } from "./strides.js";
import { addScreen, addWalk, firstOf, macMask } from "./walk.js";

export function addEndpointArp(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const { pipeline, isRouted } = view;
  const inPort = local.representor;
  addWalk(
    sink,
    pipeline.arpSenderMac,
    [ownMac(local, [sink.goTo(firstOf(pipeline.arpSender))])],
    (value, length) => ({ inPort, arp: { senderMac: macMask(value, length) } }),
  );
  const next = isRouted ? pipeline.arpTargetMac : firstOf(pipeline.arpTarget);
  addWalk(sink, pipeline.arpSender, ownAddresses(local, 4, [sink.goTo(next)]), (value, length) => ({
    inPort,
    arp: { senderAddress: { family: 4, value, length } },
  }));
  if (isRouted) addReply(view, sink, local);
}

function addReply({ pipeline, mac }: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const inPort = local.representor;
  for (const address of addressesOf(local, 4)) {
    const spec = { inPort, arp: { targetAddress: prefixOf(address) } };
    // a pod that asks for its own address looks for a double of itself (RFC 5227)
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
  sink.add(pipeline.arpReply, 100, { inPort, arp: {} }, actions, "the bridge answers ARP");
}

/** What the reply rewrites is exact in its megaflow, so it is screened first, for every endpoint of a routed rail. */
export function addArpScreens({ pipeline, mac }: RailView, sink: FlowSink): void {
  const toSenderMac = [sink.goTo(firstOf(pipeline.arpSenderMac))];
  addScreen(
    sink,
    pipeline.arpDestination,
    macStrides,
    [mac, broadcastMac].map((value) => ({
      value,
      length: 48,
      actions: toSenderMac,
      why: "to the gateway or to all",
    })),
    (value, length) => ({ ethernetDestination: macMask(value, length), arp: {} }),
  );
  const toTarget = [sink.goTo(firstOf(pipeline.arpTarget))];
  addScreen(
    sink,
    pipeline.arpTargetMac,
    macStrides,
    // Linux asks with zeros, arping(8) with ones
    [0n, broadcastMac].map((value) => ({
      value,
      length: 48,
      actions: toTarget,
      why: "not known yet",
    })),
    (value, length) => ({ arp: { targetMac: macMask(value, length) } }),
  );
}
