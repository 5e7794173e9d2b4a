/**
 * What comes from the fabric: for an endpoint of this node only if the policy lets the sender, and else for the host,
 * which is never fenced (BGP, LLDP, its own neighbour discovery).
 */

import type { Family } from "../net/address.js";
import {
  addressSetOf,
  everyAddress,
  isNoAddress,
  noAddress,
  prefixesOf,
  subtractAddresses,
  uniteAddresses,
} from "../net/address-set.js";
import { prefixOf } from "../net/prefix.js";
import type { Action } from "../openflow/action.js";
import type { MatchSpec } from "../openflow/match-spec.js";
import type { Table } from "./compiled-rail.js";
import { bits, outputTo } from "./destination.js";
import { groupOf } from "./discovery.js";
import { addressesOf, type Membership } from "./fleet.js";
import type { FlowSink } from "./flow-sink.js";
import { type Party, partyOf } from "./party.js";
import { fabric, gateway, type RailView, stranger } from "./rail-view.js";
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

/** Families that some endpoint of the node speaks. */
export function families(view: RailView): Family[] {
  return ([4, 6] as const).filter((family) => view.locals(family).length > 0);
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

/** On a routed rail only frames to the bridge are the endpoints'. */
function afterSource({ pipeline, isRouted }: RailView, family: Family): Table {
  if (isRouted) return pipeline.ethernetDestination;
  return family === 4 ? pipeline.service : pipeline.ipv6Kind;
}

interface Sender {
  readonly party: Party;
  readonly members: readonly Membership[];
}

/** Parties whose packets may be for some endpoint here, strangers (where some rule says `any`) first. */
export function sendersOf(view: RailView, family: Family): Sender[] {
  const locals = view.locals(family);
  const meets = (party: Party) =>
    locals.some((local) => view.isMeeting(party, local.party, family));
  const named = namedByLocals(view);
  return [
    { party: stranger, members: [] },
    ...view.otherRails().map((rail) => ({ party: partyOf(undefined, [], rail), members: [] })),
    ...named.map((member) => ({ party: member.party, members: [member] })),
  ].filter(({ party }) => meets(party));
}

function namedByLocals(view: RailView): Membership[] {
  const named = view.fleet.locals().flatMap((local) => view.namedBy(local.party));
  return [...new Set(named)].sort((a, b) => (a.party.label < b.party.label ? -1 : 1));
}

/** Every source address to its party, exactly; for who has no business here, the walk or table ends. */
function sourceSteps(
  view: RailView,
  sink: FlowSink,
  family: Family,
  onward: readonly Action[],
): Step[] {
  const why = "the sender's party";
  const into = (party: Party) => [sink.mark("source", party.label), ...onward];
  const named = namedByLocals(view);
  const steps: Step[] = [];
  let open = noAddress(family);
  const senders = sendersOf(view, family);
  const hasStrangers = senders.some(({ party }) => party.label === stranger.label);
  for (const { party, members } of senders) {
    const addresses =
      party.label === stranger.label
        ? view.strangers(named, family)
        : members.length === 0
          ? view.strangersOn(party.standing ?? "", named, family)
          : subtractAddresses(
              uniteAddresses(
                noAddress(family),
                ...members.map((member) => member.addresses(family)),
              ),
              view.never(family),
            );
    if (isNoAddress(addresses)) continue;
    open = uniteAddresses(open, addresses);
    if (party.label === stranger.label)
      steps.push({ value: 0n, length: 0, actions: into(party), why });
    else
      for (const prefix of prefixesOf(addresses))
        steps.push({ ...bits(prefix), actions: into(party), why });
  }
  if (hasStrangers)
    for (const hole of prefixesOf(subtractAddresses(everyAddress(family), open)))
      steps.push({ ...bits(hole), actions: [], why: "no rule lets them in" });
  return steps;
}

function gatewaySteps(
  view: RailView,
  sink: FlowSink,
  family: Family,
  onward: readonly Action[],
): Step[] {
  const actions = [sink.mark("source", gateway.label), ...onward];
  return prefixesOf(addressSetOf(family, view.gateways(family))).map((prefix) => ({
    ...bits(prefix),
    actions,
    why: "gateways may ask",
  }));
}

function addSources(view: RailView, sink: FlowSink, family: Family): void {
  const { pipeline, ports } = view;
  const inPort = ports.uplink;
  if (family === 4) {
    for (const { value, length, actions, why } of sourceSteps(view, sink, 4, [
      sink.goTo(afterSource(view, 4)),
    ])) {
      const ip = length === 0 ? { family } : { family, source: { family, value, length } };
      sink.add(pipeline.uplinkIpv4Source, 100 + length, { inPort, ip }, actions, why);
    }
    if (view.isRouted) return;
    const toMeet = [sink.goTo(pipeline.meet)];
    const steps = [...sourceSteps(view, sink, 4, toMeet), ...gatewaySteps(view, sink, 4, toMeet)];
    addWalk(sink, pipeline.arpSender, withoutDoubles(steps), (value, length) => ({
      inPort,
      arp: length === 0 ? {} : { senderAddress: { family: 4, value, length } },
    }));
    return;
  }
  const toKind = [sink.goTo(afterSource(view, 6))];
  const gateways = view.isRouted ? [] : gatewaySteps(view, sink, 6, toKind);
  const steps = withoutDoubles([...sourceSteps(view, sink, 6, toKind), ...gateways]);
  addWalk(
    sink,
    pipeline.ipv6Source,
    steps,
    (value, length): MatchSpec => ({
      inPort,
      ip: length === 0 ? { family: 6 } : { family: 6, source: { family: 6, value, length } },
    }),
  );
}

/** Who may ask for whose link-layer address, and be answered. */
function addMeet(view: RailView, sink: FlowSink, family: Family): void {
  const layer = (family === 4 ? { arp: {} } : { ip: { family: 6 } }) as MatchSpec;
  const onward = [sink.goTo(view.pipeline.forward)];
  const add = (party: Party, output: string, why: string) => {
    const registers = sink.marked({ source: party.label, output });
    sink.add(view.pipeline.meet, 100, { registers, ...layer }, onward, why);
  };
  for (const local of view.locals(family)) {
    if (view.isTrusting) {
      if (family === 6) add(fabric, local.representor, "the fabric is trusted");
      continue;
    }
    add(gateway, local.representor, "gateways may ask");
    for (const { party } of sendersOf(view, family))
      if (view.isMeeting(party, local.party, family))
        add(party, local.representor, "a rule lets them meet");
  }
}
