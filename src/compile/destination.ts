/** Where a local source's packets may go: per service class, the exact addresses and the port that leads there. */

import type { Family } from "../net/address.js";
import {
  type AddressSet,
  everyAddress,
  holdsAddress,
  isNoAddress,
  noAddress,
  prefixesOf,
  subtractAddresses,
  uniteAddresses,
} from "../net/address-set.js";
import { type Prefix, prefixOf } from "../net/prefix.js";
import type { Action } from "../openflow/action.js";
import type { MatchSpec } from "../openflow/match-spec.js";
import type { Rule } from "../policy/checked-policy.js";
import type { LocalEndpoint } from "./fleet.js";
import type { FlowSink } from "./flow-sink.js";
import type { Party } from "./party.js";
import { classesOf, type Group, type RailView } from "./rail-view.js";
import type { ServiceClass, Services } from "./service-class.js";
import { addWalk, type Step, withoutDoubles } from "./walk.js";

/** The label of the uplink as an output; a representor's is its name, which no space can be in. */
export const uplinkOutput = "the uplink";

export function addDestinations(
  view: RailView,
  sink: FlowSink,
  source: Party,
  services: Services,
  family: Family,
): void {
  const groups = view.groupsOf(source);
  for (const service of classesOf(services)) {
    const registers = sink.marked({ source: source.label, service: service.label });
    addSteps(view, sink, family, stepsOf(view, sink, groups, service, family), registers);
  }
}

/** Steps by destination address, in the one table of IPv4 or the walk of IPv6. */
export function addSteps(
  { pipeline }: RailView,
  sink: FlowSink,
  family: Family,
  steps: readonly Step[],
  registers: { readonly [index: number]: number },
): void {
  const specOf = (value: bigint, length: number): MatchSpec => ({
    registers,
    ip: length === 0 ? { family } : { family, destination: { family, value, length } },
  });
  if (family === 6) addWalk(sink, pipeline.ipv6Destination, steps, specOf);
  // one priority for each length of prefix: the order of equal ones is not OVS's promise
  else
    for (const { value, length, actions, why } of steps)
      sink.add(pipeline.ipv4Destination, 1000 + length, specOf(value, length), actions, why);
}

function stepsOf(
  view: RailView,
  sink: FlowSink,
  groups: readonly Group[],
  service: ServiceClass,
  family: Family,
): Step[] {
  const places = placesOf(view, groups, service, family);
  const toUplink = outputTo(sink, view, uplinkOutput);
  const steps: Step[] = [];
  const strangers = places.find(({ isBackground }) => isBackground);
  if (strangers !== undefined) {
    // everything goes out but what is cut out of it, for the complement takes fewer flows
    steps.push({ value: 0n, length: 0, actions: toUplink, why: strangers.why });
    const open = uniteAddresses(noAddress(family), ...places.map(({ addresses }) => addresses));
    for (const hole of prefixesOf(subtractAddresses(everyAddress(family), open)))
      steps.push({ ...bits(hole), actions: [], why: "not within the rule" });
  }
  for (const { addresses, why, isBackground } of places)
    if (!isBackground)
      for (const prefix of prefixesOf(addresses))
        steps.push({ ...bits(prefix), actions: toUplink, why });
  // a local endpoint is a longer prefix than the block around it, or takes its place
  for (const { prefix, local, why } of localsIn(view, groups, service, family))
    steps.push({ ...bits(prefix), actions: outputTo(sink, view, local.representor), why });
  return withoutDoubles(steps);
}

interface Place {
  readonly addresses: AddressSet;
  readonly why: readonly Rule[];
  readonly isBackground: boolean;
}

/** Disjoint address sets, one for each set of rules that opens them. */
function placesOf(
  view: RailView,
  groups: readonly Group[],
  service: ServiceClass,
  family: Family,
): Place[] {
  const named = groups.flatMap(({ members }) => members);
  const places = new Map<string, Place>();
  const put = (why: readonly Rule[], addresses: AddressSet, isBackground: boolean) => {
    if (isNoAddress(addresses)) return;
    const key = isBackground ? "background" : why.map(({ id }) => id).join(" ");
    const before = places.get(key)?.addresses ?? noAddress(family);
    places.set(key, { addresses: uniteAddresses(before, addresses), why, isBackground });
  };
  for (const group of groups) {
    const why = service.leave.get(group.key);
    if (why === undefined) continue;
    if (group.rest) put(why, view.strangers(named, family), true);
    for (const rail of group.elsewhere) put(why, view.strangersOn(rail, named, family), false);
    const members = group.members.map((member) => member.addresses(family));
    put(
      why,
      subtractAddresses(uniteAddresses(noAddress(family), ...members), view.never(family)),
      false,
    );
  }
  return [...places.values()];
}

function localsIn(
  view: RailView,
  groups: readonly Group[],
  service: ServiceClass,
  family: Family,
): { prefix: Prefix; local: LocalEndpoint; why: readonly Rule[] }[] {
  const groupOf = groupFinder(groups);
  return view.locals(family).flatMap((local) => {
    const why = service.leave.get(groupOf(local.party)?.key ?? "");
    if (why === undefined) return [];
    return local.addresses
      .filter((address) => address.family === family && !holdsAddress(view.never(family), address))
      .map((address) => ({ prefix: prefixOf(address), local, why }));
  });
}

/** The group that a party is in; the stranger's where the source's rules do not name it. */
export function groupFinder(groups: readonly Group[]): (party: Party) => Group | undefined {
  const named = new Map(
    groups.flatMap((group) => group.members.map(({ party }) => [party.label, group] as const)),
  );
  const rest = groups.find((group) => group.rest);
  return (party) => named.get(party.label) ?? rest;
}

export function outputTo(
  sink: FlowSink,
  { pipeline }: RailView,
  output: string,
): readonly Action[] {
  return [sink.mark("output", output), sink.goTo(pipeline.forward)];
}

export function bits({ value, length }: Prefix): { value: bigint; length: number } {
  return { value, length };
}
