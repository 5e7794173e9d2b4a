/** Who speaks from the fabric: every source address to its party, exactly, and whom that party may ask for. */

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
import type { Action } from "../openflow/action.js";
import type { MatchSpec } from "../openflow/match-spec.js";
import type { Table } from "./compiled-rail.js";
import { bits } from "./destination.js";
import type { Membership } from "./fleet.js";
import type { FlowSink } from "./flow-sink.js";
import { type Party, partyOf } from "./party.js";
import { fabric, gateway, type RailView, stranger } from "./rail-view.js";
import { addWalk, type Step, withoutDoubles } from "./walk.js";

export function afterSource({ pipeline }: RailView, family: Family): Table {
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

export function addSources(view: RailView, sink: FlowSink, family: Family): void {
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
    addWalk(sink, pipeline.arpSender, withoutDoubles(steps), (senderAddress) => ({
      inPort,
      arp: { senderAddress },
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
    (source): MatchSpec => ({ inPort, ip: { family: 6, source } }),
  );
}

/** Who may ask for whose link-layer address, and be answered. */
export function addMeet(view: RailView, sink: FlowSink, family: Family): void {
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
