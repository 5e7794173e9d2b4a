/** What does not depend on who is on the node: where the ways part, and the way out. */

import type { Action } from "../openflow/action.js";
import type { MatchSpec } from "../openflow/match-spec.js";
import { addArpScreens } from "./arp.js";
import type { Table } from "./compiled-rail.js";
import { uplinkOutput } from "./destination.js";
import { addDiscoveryScreens } from "./discovery.js";
import type { FlowSink } from "./flow-sink.js";
import { register } from "./pipeline.js";
import { families, type RailView } from "./rail-view.js";
import { macStrides } from "./strides.js";
import { addScreen, firstOf, macMask } from "./walk.js";

export function addJunctions(view: RailView, sink: FlowSink): void {
  const { pipeline } = view;
  const part = (spec: MatchSpec, to: Table) =>
    sink.add(pipeline.etherType, 100, spec, [sink.goTo(to)], "by EtherType");
  // the bridge of a routed rail answers requests and needs no replies
  if (view.isRouted) part({ arp: { operation: 1 } }, pipeline.arpDestination);
  else part({ arp: {} }, firstOf(pipeline.arpSenderMac));
  part({ ip: { family: 4 } }, firstOf(pipeline.ipv4Source));
  part({ ip: { family: 6 } }, firstOf(pipeline.ipv6Source));
  addDrops(view, sink);
  addKinds(view, sink);
  const fromEndpoint = (spec: MatchSpec, to: Table) =>
    sink.add(pipeline.permit, 100, spec, [sink.goTo(to)], "from an endpoint");
  const registers = { [register.output]: 0 };
  fromEndpoint({ registers, ip: { family: 4 } }, pipeline.ipv4Destination);
  fromEndpoint({ registers, ip: { family: 6 } }, firstOf(pipeline.ipv6Destination));
  addWayOut(view, sink);
  if (view.isRouted) addGatewayScreens(view, sink);
}

/**
 * A packet that no flow takes is dropped by a flow: without one, OVS sends it to whoever has an OpenFlow connection to
 * the bridge. The first table is not ours alone, so there every port of ours has its own.
 */
function addDrops({ pipeline }: RailView, sink: FlowSink): void {
  for (const table of pipeline.tables)
    if (table !== pipeline.classify) sink.add(table, 0, {}, [], "what no rule allows");
}

function addKinds({ pipeline, isRouted }: RailView, sink: FlowSink): void {
  for (const type of [133, 134, 135, 136, 137]) {
    const spec = { ip: { family: 6, icmp: { type } } } as const;
    sink.add(pipeline.ipv6Kind, 200, spec, [], "not an endpoint's to say");
  }
  const toService = [sink.goTo(pipeline.service)];
  const ip = { family: 6 } as const;
  // unmarked: not sent to a group of Ethernet addresses
  const spec = isRouted ? { registers: { [register.spare]: 0 }, ip } : { ip };
  sink.add(pipeline.ipv6Kind, 100, spec, toService, "other than discovery");
}

function addWayOut(view: RailView, sink: FlowSink): void {
  const { pipeline, ports } = view;
  const rewrite: Action[] = view.isRouted
    ? [
        { kind: "set", field: "dl_src", value: view.mac },
        { kind: "set", field: "dl_dst", value: view.nextHop },
      ]
    : [];
  const output: Action = { kind: "output", port: ports.uplink };
  const registers = sink.marked({ output: uplinkOutput });
  sink.add(pipeline.forward, 100, { registers }, [...rewrite, output], "to the fabric");
}

/**
 * Rewriting an Ethernet address makes the old one exact in the megaflow: only the gateway's may come so far. Screens
 * are many flows, so a rail has those of the families that are spoken on the node.
 */
function addGatewayScreens(view: RailView, sink: FlowSink): void {
  const spoken = families(view);
  if (spoken.includes(4)) {
    addIpv4Screen(view, sink);
    addArpScreens(view, sink);
  }
  if (spoken.includes(6)) addDiscoveryScreens(view, sink);
}

function addIpv4Screen({ pipeline, mac }: RailView, sink: FlowSink): void {
  addScreen(
    sink,
    pipeline.ethernetDestination,
    macStrides,
    [{ value: mac, length: 48, actions: [sink.goTo(pipeline.service)], why: "to the gateway" }],
    (value, length) => ({ ethernetDestination: macMask(value, length), ip: { family: 4 } }),
  );
}
