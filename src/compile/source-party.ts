/** What the endpoints of one party, on this node, may send: services, destinations, and whom they may ask for. */

import type { Family } from "../net/address.js";
import { addDestinations, addSteps, outputTo, uplinkOutput } from "./destination.js";
import { advertisementService, toGroup } from "./discovery.js";
import type { FlowSink } from "./flow-sink.js";
import { addLateAnswers, groupsIn } from "./late-answer.js";
import { answeredSteps, type Neighbours, neighbourSteps, neighboursOf } from "./neighbours.js";
import { afterStride, groupBits } from "./own-group.js";
import type { Party } from "./party.js";
import { register } from "./rail-tables.js";
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
      (targetAddress) => ({ registers, arp: { targetAddress } }),
      { shared: 32 },
    );
  else if (view.isRouted) addSolicitations(view, sink, source, neighbours);
  else {
    const steps = askedSteps(view, sink, neighbours, 6);
    const solicited = { ...registers, [register.spare]: 0 };
    addWalk(
      sink,
      view.pipeline.neighbourTarget,
      steps,
      (target) => ({
        registers: solicited,
        ip: { family: 6, neighbour: { message: "solicitation", target } },
      }),
      { shared: 128 },
    );
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

/** On a routed rail the bridge answers for each neighbour by itself, if it was asked for in its own group. */
function addSolicitations(
  view: RailView,
  sink: FlowSink,
  source: Party,
  { addresses }: Neighbours,
): void {
  const { neighbourTarget } = view.pipeline;
  const registers = sink.marked({ source: source.label, spare: toGroup });
  const toComparison = [sink.goTo(afterStride(view, neighbourTarget.tables.length - 1))];
  const steps: Step[] = [];
  for (const { first, last } of addresses.ranges)
    for (let value = first; value <= last; value++)
      steps.push({ value, length: 128, actions: toComparison, why });
  const message = "solicitation" as const;
  addWalk(
    sink,
    neighbourTarget,
    steps,
    (target) => ({ registers, ip: { family: 6, neighbour: { message, target } } }),
    { onwards: (stride) => afterStride(view, stride), shared: 128 - groupBits },
  );
}
