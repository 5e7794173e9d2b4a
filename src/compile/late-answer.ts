/** Where only answers of TCP may go: the source port and ACK, after the destination. */

import type { Family } from "../net/address.js";
import { masksOf } from "../net/interval-set.js";
import { protocol } from "../net/protocol.js";
import type { Action } from "../openflow/action.js";
import type { FlowSink } from "./flow-sink.js";
import type { Party } from "./party.js";
import { maskLength } from "./port-strides.js";
import type { RailView } from "./rail-view.js";
import { type LateAnswers, type Leave, lateAnswersOf, type ServiceClass } from "./service-class.js";
import { ack } from "./service-port.js";
import { rulesOf } from "./service-share.js";

/** From the destination, with its output, to the look at the source port. */
export function toLateAnswer(
  { pipeline }: RailView,
  sink: FlowSink,
  output: string,
  { label }: LateAnswers,
): readonly Action[] {
  return [sink.mark("output", output), sink.mark("spare", label), sink.goTo(pipeline.lateAnswer)];
}

/** `destinations` ask of a class whether it may go there, one for each destination that differs. */
export function addLateAnswers(
  { pipeline }: RailView,
  sink: FlowSink,
  source: Party,
  classes: readonly ServiceClass[],
  destinations: Iterable<(leave: Leave) => boolean>,
  family: Family,
): void {
  const found = new Map<string, LateAnswers>();
  for (const opens of destinations)
    for (const forward of classes) {
      const late = lateAnswersOf(classes, forward, opens);
      if (late !== undefined) found.set(late.label, late);
    }
  for (const late of found.values()) {
    const registers = sink.marked({ source: source.label, spare: late.label });
    for (const service of late.classes)
      for (const port of masksOf(service.answers)) {
        const sourcePort = port.mask === 0 ? {} : { sourcePort: port };
        const transport = { protocol: protocol.tcp, flags: ack, ...sourcePort };
        sink.add(
          pipeline.lateAnswer,
          200 - maskLength(port.mask),
          { registers, ip: { family, transport } },
          [sink.goTo(pipeline.forward)],
          rulesOf(service),
        );
      }
  }
}

/** Every destination group that the classes tell apart. */
export function groupsIn(classes: readonly ServiceClass[]): ((leave: Leave) => boolean)[] {
  const keys = new Set(classes.flatMap(({ leave }) => [...leave.keys()]));
  return [...keys].map((key) => (leave: Leave) => leave.has(key));
}
