/**
 * What comes from the fabric: for an endpoint of this node only if the policy lets the sender, and else for the host,
 * which is never fenced (BGP, LLDP, its own neighbour discovery).
 */

import type { Family } from "../net/address.js";
import { prefixOf } from "../net/prefix.js";
import type { Action } from "../openflow/action.js";
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
  addWalk(sink, walk, withoutDoubles(steps), (value, length) => ({
    inPort,
    ip: length === 0 ? { family: 6 } : { family: 6, destination: { family: 6, value, length } },
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
  addWalk(sink, pipeline.solicitedTarget, steps, (value, length) => ({
    inPort,
    ip: {
      family: 6,
      neighbour: length === 0 ? neighbour : { ...neighbour, target: { family: 6, value, length } },
    },
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
  addWalk(sink, walk, steps, (value, length) => ({
    inPort,
    arp: length === 0 ? {} : { targetAddress: { family: 4, value, length } },
  }));
}

/** The sender is looked at next; where the fabric is trusted, it is the fabric. */
function afterDestination(view: RailView, sink: FlowSink, family: Family): Action[] {
  const { pipeline } = view;
  if (view.isTrusting)
    return [sink.mark("source", fabric.label), sink.goTo(afterSource(view, family))];
  return [sink.goTo(family === 4 ? pipeline.uplinkIpv4Source : firstOf(pipeline.ipv6Source))];
}
