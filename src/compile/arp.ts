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
import { notItself, ownAddresses } from "./itself.js";
import type { RailView } from "./rail-view.js";
import { ipv4Stages } from "./strides.js";
import { addExactWalk, firstOf } from "./walk.js";

export function addEndpointArp(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const { pipeline, isRouted } = view;
  const inPort = local.representor;
  addExactWalk(
    sink,
    pipeline.arpSenderMac,
    [local.mac],
    [sink.goTo(firstOf(pipeline.arpSender))],
    notItself,
    (senderMac) => ({ inPort, arp: { senderMac } }),
  );
  addExactWalk(
    sink,
    { stages: ipv4Stages, tables: pipeline.arpSender.tables },
    ownAddresses(local, 4),
    [sink.goTo(firstOf(isRouted ? pipeline.unknownMac : pipeline.arpTarget))],
    notItself,
    (senderAddress) => ({ inPort, arp: { senderAddress } }),
  );
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

/** What the reply rewrites is exact in its megaflow, so it is looked at first: Linux asks with zeros, arping(8) with ones. */
export function addUnknownMac({ pipeline }: RailView, sink: FlowSink): void {
  addExactWalk(
    sink,
    pipeline.unknownMac,
    [0n, broadcastMac],
    [sink.goTo(firstOf(pipeline.arpTarget))],
    "not known yet",
    (targetMac) => ({ arp: { targetMac } }),
  );
}
