/** What the endpoints of one party, on this node, may send: services, destinations, and whom they may ask for. */

import type { Family } from "../net/address.js";
import { addressSetOf, prefixesOf } from "../net/address-set.js";
import type { MatchSpec } from "../openflow/match-spec.js";
import { addDestinations, addSteps, outputTo, uplinkOutput } from "./destination.js";
import { advertisementService, macMask, required } from "./endpoint.js";
import type { FlowSink } from "./flow-sink.js";
import { answeredSteps, type Neighbours, neighbourSteps, neighboursOf } from "./neighbours.js";
import type { Party } from "./party.js";
import type { RailView } from "./rail-view.js";
import { addServices } from "./service.js";
import { addWalk, type Step } from "./walk.js";

const why = "a gateway or whom a rule lets meet";

export function addSourceParty(
  view: RailView,
  sink: FlowSink,
  source: Party,
  family: Family,
): void {
  const services = view.services(source, family);
  addServices(view, sink, source, services, family);
  addDestinations(view, sink, source, services, family);
  const neighbours = neighboursOf(view, source, family);
  const registers = sink.marked({ source: source.label });
  if (family === 4)
    addWalk(
      sink,
      view.pipeline.arpTarget,
      askedSteps(view, sink, neighbours, 4),
      (value, length) => ({
        registers,
        arp: { targetAddress: { family: 4, value, length } },
      }),
    );
  else {
    const steps = askedSteps(view, sink, neighbours, 6);
    addWalk(sink, view.pipeline.neighbourTarget, steps, (value, length) => ({
      registers,
      ip: {
        family: 6,
        neighbour: { message: "solicitation", target: { family: 6, value, length } },
      },
    }));
    if (view.isRouted) addGroupMacs(view, sink, neighbours, registers);
    else {
      const marks = sink.marked({ source: source.label, service: advertisementService });
      addSteps(view, sink, 6, steps, marks);
    }
  }
}

function askedSteps(
  view: RailView,
  sink: FlowSink,
  neighbours: Neighbours,
  family: Family,
): Step[] {
  const { pipeline } = view;
  if (view.isRouted) {
    const reply = family === 4 ? pipeline.arpReply : pipeline.neighbourReply;
    return answeredSteps(neighbours, [sink.goTo(reply)], why);
  }
  const toUplink = outputTo(sink, view, uplinkOutput);
  return neighbourSteps(
    neighbours,
    family,
    toUplink,
    (local) => outputTo(sink, view, local.representor),
    why,
  );
}

/**
 * Solicitations go to 33:33:ff and the low 24 bits of whom they ask for (RFC 2464, section 7; RFC 4291, section
 * 2.7.1). The reply rewrites that address, so it is walked like the rest.
 */
function addGroupMacs(
  { pipeline }: RailView,
  sink: FlowSink,
  { addresses }: Neighbours,
  registers: { readonly [index: number]: number },
): void {
  const low: { family: 4; value: bigint }[] = [];
  for (const { first, last } of addresses.ranges)
    for (let value = first; value <= last; value++)
      low.push({ family: 4, value: value & 0xffffffn });
  const actions = [sink.goTo(required(pipeline.ethernetSource.tables[0]))];
  const steps = prefixesOf(addressSetOf(4, low)).map(({ value, length }) => ({
    value: (0x3333ffn << 24n) | value,
    // the eight bits of the 32 that are not among the low 24 are among the 24 that all groups share
    length: 24 + length - 8,
    actions,
    why,
  }));
  addWalk(
    sink,
    pipeline.ethernetDestination,
    steps,
    (value, length): MatchSpec => ({
      registers,
      ethernetDestination: macMask(value, length),
      ip: { family: 6 },
    }),
  );
}
