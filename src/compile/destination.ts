/** Where a local source's packets may go: per service class, the exact addresses and the port that leads there. */

import type { Family } from "../net/address.js";
import {
  type AddressSet,
  addressSetOf,
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
import type { MaskedBits, MatchSpec } from "../openflow/match-spec.js";
import type { Rule } from "../policy/checked-policy.js";
import type { Table } from "./compiled-rail.js";
import type { LocalEndpoint } from "./fleet.js";
import type { FlowSink } from "./flow-sink.js";
import { toLateAnswer } from "./late-answer.js";
import type { Party } from "./party.js";
import type { Group, RailView } from "./rail-view.js";
import { type LateAnswers, lateAnswersOf, type ServiceClass } from "./service-class.js";
import { distinctRules } from "./service-share.js";
import { commonIpv4Bits } from "./strides.js";
import { addWalk, type Step, sharedLength, withoutDoubles } from "./walk.js";

/** The label of the uplink as an output; a representor's is its name, which no space can be in. */
export const uplinkOutput = "the uplink";

export function addDestinations(
  view: RailView,
  sink: FlowSink,
  source: Party,
  classes: readonly ServiceClass[],
  family: Family,
): void {
  const groups = view.groupsOf(source);
  for (const service of classes) {
    const registers = sink.marked({ source: source.label, service: service.label });
    const rights = rightsOf(groups, service, classes);
    const steps = stepsOf(view, sink, groups, rights, family);
    addSteps(view, sink, family, steps, registers);
  }
}

/** Steps by destination address, in the tables of IPv4 or the walk of IPv6. */
export function addSteps(
  view: RailView,
  sink: FlowSink,
  family: Family,
  steps: readonly Step[],
  registers: { readonly [index: number]: number },
): void {
  const specOf = (value: bigint, length: number): MatchSpec => ({
    registers,
    ip: length === 0 ? { family } : { family, destination: { family, value, length } },
  });
  if (family === 6) {
    const specAt = (destination: MaskedBits): MatchSpec => ({
      registers,
      ip: { family, destination },
    });
    addWalk(sink, view.pipeline.ipv6Destination, steps, specAt, { shared: 128 });
    return;
  }
  addCommonIpv4(view, sink, steps, registers);
  // one priority for each length of prefix: the order of equal ones is not OVS's promise
  for (const { value, length, actions, why } of steps)
    sink.add(view.pipeline.ipv4Destination, 1000 + length, specOf(value, length), actions, why);
}

/**
 * What all destinations share is looked at before they part. It is in every megaflow that leads to one of them anyway,
 * so this costs none; what fails here is a mask for each stride in place of one for each bit of OVS's trie.
 */
function addCommonIpv4(
  { pipeline }: RailView,
  sink: FlowSink,
  steps: readonly Step[],
  registers: { readonly [index: number]: number },
): void {
  const [first] = steps;
  if (first === undefined) return;
  const { ipv4Common: tables, ipv4Destination } = pipeline;
  const length = sharedLength(steps, 32);
  const begin = commonIpv4Bits.findIndex(([, end]) => end <= length);
  const at = begin < 0 ? tables.length : begin;
  const why = "what its destinations share";
  if (at > 0) {
    const on = [sink.goTo(tables[at] ?? ipv4Destination)];
    sink.add(tables[0] as Table, 100, { registers, ip: { family: 4 } }, on, why);
  }
  for (let stage = at; stage < tables.length; stage++) {
    const [from, end] = commonIpv4Bits[stage] as readonly [number, number];
    const mask = (1n << BigInt(32 - from)) - (1n << BigInt(32 - end));
    sink.add(
      tables[stage] as Table,
      100,
      { registers, ip: { family: 4, destination: { value: first.value & mask, mask } } },
      [sink.goTo(tables[stage + 1] ?? ipv4Destination)],
      why,
    );
  }
}

/** By whose leave packets of one service class go to one group; `late` where only answers may. */
interface Right {
  readonly why: readonly Rule[];
  readonly late: LateAnswers | undefined;
}

function rightsOf(
  groups: readonly Group[],
  service: ServiceClass,
  classes: readonly ServiceClass[],
): ReadonlyMap<string, Right> {
  const rights = new Map<string, Right>();
  for (const { key } of groups) {
    const leave = service.leave.get(key);
    const late = lateAnswersOf(classes, service, (other) => other.has(key));
    const why = leave ?? late?.classes.flatMap((answer) => answer.leave.get(key) ?? []);
    if (why !== undefined) rights.set(key, { why: distinctRules(why), late });
  }
  return rights;
}

function stepsOf(
  view: RailView,
  sink: FlowSink,
  groups: readonly Group[],
  rights: ReadonlyMap<string, Right>,
  family: Family,
): Step[] {
  const places = placesOf(view, groups, rights, family);
  const way = (output: string, { late }: Pick<Right, "late">) =>
    late === undefined ? outputTo(sink, view, output) : toLateAnswer(view, sink, output, late);
  const steps: Step[] = [];
  const strangers = places.find(({ isBackground }) => isBackground);
  if (strangers !== undefined) {
    // everything goes out but what is cut out of it, for the complement takes fewer flows
    const actions = way(uplinkOutput, strangers);
    steps.push({ value: 0n, length: 0, actions, why: strangers.why });
    const open = uniteAddresses(noAddress(family), ...places.map(({ addresses }) => addresses));
    for (const hole of prefixesOf(subtractAddresses(everyAddress(family), open)))
      steps.push({ ...bits(hole), actions: [], why: "not within the rule" });
  }
  const locals = localsIn(view, groups, rights, family);
  // a walk has no trie that cuts local endpoints out of the blocks around them
  const cut = addressSetOf(family, family === 6 ? locals.map(({ prefix }) => prefix) : []);
  for (const { addresses, why, late, isBackground } of places)
    if (!isBackground)
      for (const prefix of prefixesOf(subtractAddresses(addresses, cut)))
        steps.push({ ...bits(prefix), actions: way(uplinkOutput, { late }), why });
  // a local endpoint is a longer prefix than the block around it, or takes its place
  for (const { prefix, local, right } of locals)
    steps.push({ ...bits(prefix), actions: way(local.representor, right), why: right.why });
  return withoutDoubles(steps);
}

interface Place extends Right {
  readonly addresses: AddressSet;
  readonly isBackground: boolean;
}

/** Disjoint address sets, one for each set of rules that opens them. */
function placesOf(
  view: RailView,
  groups: readonly Group[],
  rights: ReadonlyMap<string, Right>,
  family: Family,
): Place[] {
  const named = groups.flatMap(({ members }) => members);
  const places = new Map<string, Place>();
  const put = (right: Right, addresses: AddressSet, isBackground: boolean) => {
    if (isNoAddress(addresses)) return;
    const rules = right.why.map(({ id }) => id).join(" ");
    const key = isBackground ? "background" : `${right.late?.label} ${rules}`;
    const before = places.get(key)?.addresses ?? noAddress(family);
    places.set(key, { ...right, addresses: uniteAddresses(before, addresses), isBackground });
  };
  for (const group of groups) {
    const right = rights.get(group.key);
    if (right === undefined) continue;
    if (group.rest) put(right, view.strangers(named, family), true);
    for (const rail of group.elsewhere) put(right, view.strangersOn(rail, named, family), false);
    const members = group.members.map((member) => member.addresses(family));
    put(
      right,
      subtractAddresses(uniteAddresses(noAddress(family), ...members), view.never(family)),
      false,
    );
  }
  return [...places.values()];
}

function localsIn(
  view: RailView,
  groups: readonly Group[],
  rights: ReadonlyMap<string, Right>,
  family: Family,
): { prefix: Prefix; local: LocalEndpoint; right: Right }[] {
  const groupOf = groupFinder(groups);
  return view.locals(family).flatMap((local) => {
    const right = rights.get(groupOf(local.party)?.key ?? "");
    if (right === undefined) return [];
    return local.addresses
      .filter((address) => address.family === family && !holdsAddress(view.never(family), address))
      .map((address) => ({ prefix: prefixOf(address), local, right }));
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
