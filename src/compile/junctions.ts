/** What does not depend on who is on the node: where the ways part, and the way out. */

import { broadcastMac } from "../net/mac.js";
import type { Action } from "../openflow/action.js";
import type { LayerSpec, MatchSpec } from "../openflow/match-spec.js";
import { addUnknownMac } from "./arp.js";
import type { Table } from "./compiled-rail.js";
import { uplinkOutput } from "./destination.js";
import { addSolicited, groupMacPrefix, toGroup } from "./discovery.js";
import type { FlowSink } from "./flow-sink.js";
import { register } from "./rail-tables.js";
import { families, type RailView } from "./rail-view.js";
import { addWalk, firstOf, type Step } from "./walk.js";

export function addJunctions(view: RailView, sink: FlowSink): void {
  const { pipeline } = view;
  addWhole(view, sink);
  addEtherTypes(view, sink);
  addDrops(view, sink);
  addKinds(view, sink);
  const fromEndpoint = (spec: MatchSpec, to: Table) =>
    sink.add(pipeline.permit, 100, spec, [sink.goTo(to)], "from an endpoint");
  const registers = { [register.output]: 0 };
  fromEndpoint(
    { registers, ip: { family: 4 } },
    pipeline.ipv4Common[0] ?? pipeline.ipv4Destination,
  );
  fromEndpoint({ registers, ip: { family: 6 } }, firstOf(pipeline.ipv6Destination));
  addWayOut(view, sink);
  if (!view.isRouted) return;
  addEthernetDestination(view, sink);
  const spoken = families(view);
  if (spoken.includes(4)) addUnknownMac(view, sink);
  if (spoken.includes(6)) addSolicited(view, sink);
}

/**
 * Every megaflow of IP says whether it is a fragment's, so whoever may send none anywhere loses them before anything else
 * is looked at: else each way to spoof an address were three megaflows.
 */
function addWhole({ pipeline }: RailView, sink: FlowSink): void {
  const onward = [sink.goTo(firstOf(pipeline.ethernetSource))];
  for (const family of [4, 6] as const) {
    const spec = { ip: { family, fragment: "yes" } } as const;
    sink.add(pipeline.fragments, 200, spec, [], "fragments show no ports");
    sink.add(pipeline.fragments, 100, { ip: { family } }, onward, "whole packets");
  }
}

function addEtherTypes({ pipeline, isRouted }: RailView, sink: FlowSink): void {
  const part = (spec: MatchSpec, to: Table) =>
    sink.add(pipeline.etherType, 100, spec, [sink.goTo(to)], "by EtherType");
  // the bridge of a routed rail answers requests and needs no replies
  if (isRouted) part({ arp: { operation: 1 } }, firstOf(pipeline.ethernetDestination));
  else part({ arp: {} }, firstOf(pipeline.arpSenderMac));
  for (const [family, source] of [
    [4, pipeline.ipv4Source],
    [6, pipeline.ipv6Source],
  ] as const)
    part({ ip: { family } }, firstOf(isRouted ? pipeline.ethernetDestination : source));
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

/** Rewriting an Ethernet address makes the old one exact in the megaflow: only the gateway's may come further. */
function addEthernetDestination({ pipeline, mac }: RailView, sink: FlowSink): void {
  const step = (value: bigint, length: number, why: string, ...actions: Action[]) => ({
    ...{ value, length, actions, why },
  });
  const add = (layer: LayerSpec, steps: readonly Step[]) =>
    addWalk(sink, pipeline.ethernetDestination, steps, (bits) => ({
      ...layer,
      ethernetDestination: bits,
    }));
  const toIpv6 = sink.goTo(firstOf(pipeline.ipv6Source));
  const toArp = sink.goTo(firstOf(pipeline.arpSenderMac));
  const gateway = "to the gateway";
  add({ ip: { family: 4 } }, [step(mac, 48, gateway, sink.goTo(firstOf(pipeline.ipv4Source)))]);
  add({ ip: { family: 6 } }, [
    step(mac, 48, gateway, toIpv6),
    step(groupMacPrefix, 24, toGroup, sink.mark("spare", toGroup), toIpv6),
  ]);
  add({ arp: {} }, [step(mac, 48, gateway, toArp), step(broadcastMac, 48, "to all", toArp)]);
}
