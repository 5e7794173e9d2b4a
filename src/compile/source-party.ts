/** What the endpoints of one party, on this node, may send: services, destinations, and whom they may ask for. */

import type { Family } from "../net/address.js";
import { addDestinations, addSteps, outputTo, uplinkOutput } from "./destination.js";
import { advertisementService, groupMacOf, groupOf, toGroup } from "./discovery.js";
import type { FlowSink } from "./flow-sink.js";
import { addLateAnswers, groupsIn } from "./late-answer.js";
import { answeredSteps, type Neighbours, neighbourSteps, neighboursOf } from "./neighbours.js";
import type { Party } from "./party.js";
import type { RailView } from "./rail-view.js";
import { addServices } from "./service.js";
import { addWalk, firstOf, macMask, type Step } from "./walk.js";

const why = "a gateway or whom a rule lets meet";

export function addSourceParty(
  view: RailView,
  sink: FlowSink,
  source: Party,
  family: Family,
): void {
  const classes = view.services(source, family);
  addServices(view, sink, source, classes, family, true);
  addDestinations(view, sink, source, classes, family);
  addLateAnswers(view, sink, source, classes, groupsIn(classes), family);
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
  else if (view.isRouted) addSolicitations(view, sink, source, neighbours);
  else {
    const steps = askedSteps(view, sink, neighbours, 6);
    addWalk(sink, view.pipeline.neighbourTarget, steps, (value, length) => ({
      registers,
      ip: {
        family: 6,
        neighbour: { message: "solicitation", target: { family: 6, value, length } },
      },
    }));
    const marks = sink.marked({ source: source.label, service: advertisementService });
    addSteps(view, sink, 6, steps, marks);
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
 * On a routed rail the bridge answers for each neighbour by itself: the group that the question was sent to must be the
 * target's own, in its IPv6 and its Ethernet address, for the answer rewrites both.
 */
function addSolicitations(
  { pipeline }: RailView,
  sink: FlowSink,
  source: Party,
  { addresses }: Neighbours,
): void {
  const registers = sink.marked({ source: source.label, spare: toGroup });
  const targets: bigint[] = [];
  for (const { first, last } of addresses.ranges)
    for (let value = first; value <= last; value++) targets.push(value);
  const message = "solicitation" as const;
  const toEnd = [sink.goTo(firstOf(pipeline.neighbourGroupEnd))];
  addWalk(
    sink,
    pipeline.neighbourTarget,
    targets.map((value) => ({ value, length: 128, actions: toEnd, why })),
    (value, length) => ({
      registers,
      ip: { family: 6, neighbour: { message, target: { family: 6, value, length } } },
    }),
  );
  const toMac = [sink.goTo(firstOf(pipeline.neighbourGroupMac))];
  const toReply = [sink.goTo(pipeline.neighbourReply)];
  for (const target of targets) {
    const neighbour = { message, target: { family: 6, value: target, length: 128 } } as const;
    addWalk(
      sink,
      pipeline.neighbourGroupEnd,
      [{ value: groupOf(target), length: 128, actions: toMac, why }],
      (value, length) => ({
        registers,
        ip: { family: 6, destination: { family: 6, value, length }, neighbour },
      }),
    );
    addWalk(
      sink,
      pipeline.neighbourGroupMac,
      [{ value: groupMacOf(target), length: 48, actions: toReply, why }],
      (value, length) => ({
        registers,
        ethernetDestination: macMask(value, length),
        ip: { family: 6, neighbour },
      }),
    );
  }
}
