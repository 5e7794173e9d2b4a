/**
 * What comes from the fabric: for an endpoint of this node only if the policy lets the sender, and else for the host,
 * which is never fenced (BGP, LLDP, its own neighbour discovery).
 */

import type { Family } from "../net/address.js";
import { prefixOf } from "../net/prefix.js";
import type { Action } from "../openflow/action.js";
import type { Table } from "./compiled-rail.js";
import { outputTo } from "./destination.js";
import { groupOf } from "./discovery.js";
import { addressesOf } from "./fleet.js";
import type { FlowSink } from "./flow-sink.js";
import { fabric, families, type RailView } from "./rail-view.js";
import { addMeet, addSources, afterSource } from "./senders.js";
import { addWalk, firstOf, type Step, withoutDoubles } from "./walk.js";

const toHost: readonly Action[] = [{ kind: "output", port: "LOCAL" }];
const host = "the host is never fenced";
const forEndpoint = "for an endpoint of this node";

export function addUplink(view: RailView, sink: FlowSink): void {
  const { pipeline, ports } = view;
  const inPort = ports.uplink;
  const { classify } = pipeline;
  const toUplink: readonly Action[] = [{ kind: "output", port: ports.uplink }];
  sink.add(classify, 60_000, { inPort: "LOCAL" }, toUplink, host);
  sink.add(classify, 50_000, { inPort }, toHost, host);
  if (view.locals(4).length > 0) {
    addIpv4Destination(view, sink);
    if (!view.isRouted) addArpTarget(view, sink);
  }
  if (view.locals(6).length > 0) addIpv6Destination(view, sink);
  if (view.isRouted) addPartings(view, sink);
  for (const family of families(view)) {
    if (!view.isTrusting) addSources(view, sink, family);
    if (!view.isRouted) addMeet(view, sink, family);
  }
}

function addIpv4Destination(view: RailView, sink: FlowSink): void {
  const { pipeline, ports } = view;
  const inPort = ports.uplink;
  const table = pipeline.uplinkDestination;
  const toTable = [sink.goTo(table)];
  sink.add(
    pipeline.classify,
    50_100,
    { inPort, untagged: true, ip: { family: 4 } },
    toTable,
    forEndpoint,
  );
  for (const local of view.locals(4))
    for (const address of addressesOf(local, 4)) {
      const spec = { inPort, ip: { family: 4, destination: prefixOf(address) } } as const;
      const actions = [sink.mark("output", local.representor), ...afterDestination(view, sink, 4)];
      sink.add(table, 200, spec, actions, forEndpoint);
    }
  sink.add(table, 100, { inPort, ip: { family: 4 } }, toHost, host);
}

function addIpv6Destination(view: RailView, sink: FlowSink): void {
  const { pipeline, ports } = view;
  const inPort = ports.uplink;
  const walk = pipeline.uplinkIpv6Destination;
  const toWalk = [sink.goTo(firstOf(walk))];
  sink.add(
    pipeline.classify,
    50_100,
    { inPort, untagged: true, ip: { family: 6 } },
    toWalk,
    forEndpoint,
  );
  const steps: Step[] = [{ value: 0n, length: 0, actions: toHost, why: host }];
  for (const local of view.locals(6))
    for (const address of addressesOf(local, 6)) {
      if (!view.isRouted) {
        const actions = [sink.goTo(pipeline.solicited)];
        steps.push({ value: groupOf(address.value), length: 128, actions, why: forEndpoint });
      }
      const actions = [sink.mark("output", local.representor), ...afterDestination(view, sink, 6)];
      steps.push({ value: address.value, length: 128, actions, why: forEndpoint });
    }
  addWalk(sink, walk, withoutDoubles(steps), (destination) => ({
    inPort,
    ip: { family: 6, destination },
  }));
  if (view.isRouted) return;
  addSolicited(view, sink);
  for (const message of ["solicitation", "advertisement"] as const) {
    const spec = { inPort, ip: { family: 6, neighbour: { message } } } as const;
    sink.add(pipeline.ipv6Kind, 400, spec, [sink.goTo(pipeline.meet)], "discovery");
  }
}

function addSolicited(view: RailView, sink: FlowSink): void {
  const { pipeline, ports } = view;
  const inPort = ports.uplink;
  const neighbour = { message: "solicitation" } as const;
  const toTarget = [sink.goTo(firstOf(pipeline.solicitedTarget))];
  sink.add(
    pipeline.solicited,
    200,
    { inPort, ip: { family: 6, neighbour } },
    toTarget,
    forEndpoint,
  );
  sink.add(pipeline.solicited, 100, { inPort, ip: { family: 6 } }, toHost, host);
  const steps: Step[] = [{ value: 0n, length: 0, actions: toHost, why: host }];
  for (const local of view.locals(6))
    for (const address of addressesOf(local, 6)) {
      const actions = [sink.mark("output", local.representor), ...afterDestination(view, sink, 6)];
      steps.push({ value: address.value, length: 128, actions, why: forEndpoint });
    }
  addWalk(sink, pipeline.solicitedTarget, steps, (target) => ({
    inPort,
    ip: { family: 6, neighbour: { ...neighbour, target } },
  }));
}

function addArpTarget(view: RailView, sink: FlowSink): void {
  const { pipeline, ports } = view;
  const inPort = ports.uplink;
  const walk = pipeline.uplinkArpTarget;
  const toWalk = [sink.goTo(firstOf(walk))];
  sink.add(pipeline.classify, 50_100, { inPort, untagged: true, arp: {} }, toWalk, forEndpoint);
  const steps: Step[] = [{ value: 0n, length: 0, actions: toHost, why: host }];
  for (const local of view.locals(4)) {
    const onward = view.isTrusting
      ? outputTo(sink, view, local.representor)
      : [sink.mark("output", local.representor), sink.goTo(firstOf(pipeline.arpSender))];
    for (const address of addressesOf(local, 4))
      steps.push({ value: address.value, length: 32, actions: onward, why: forEndpoint });
  }
  addWalk(sink, walk, steps, (targetAddress) => ({
    inPort,
    arp: { targetAddress },
  }));
}

/** The sender is looked at next; where the fabric is trusted, it is the fabric. On a routed rail, the address of its frame before. */
function afterDestination(view: RailView, sink: FlowSink, family: Family): Action[] {
  const next = view.isRouted ? firstOf(view.pipeline.ethernetDestination) : senderOf(view, family);
  const toNext = sink.goTo(next);
  return view.isTrusting ? [sink.mark("source", fabric.label), toNext] : [toNext];
}

/** Where the sender of a packet from the fabric is looked at, if it is. */
function senderOf(view: RailView, family: Family): Table {
  const { pipeline } = view;
  if (view.isTrusting) return afterSource(view, family);
  return family === 4 ? pipeline.uplinkIpv4Source : firstOf(pipeline.ipv6Source);
}

/** Frames of endpoints and of the fabric part again, once both are known to be for the bridge. */
function addPartings(view: RailView, sink: FlowSink): void {
  const inPort = view.ports.uplink;
  const part = (table: Table, family: Family) =>
    sink.add(
      table,
      2000,
      { inPort, ip: { family } },
      [sink.goTo(senderOf(view, family))],
      forEndpoint,
    );
  if (view.locals(4).length > 0) part(firstOf(view.pipeline.ipv4Source), 4);
  if (view.locals(6).length > 0 && view.isTrusting) part(firstOf(view.pipeline.ipv6Source), 6);
}
