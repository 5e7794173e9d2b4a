/** What the fabric's senders may bring to the endpoints of this node: party, service and endpoint in registers alone. */

import type { Family } from "../net/address.js";
import { isNoAddress, subtractAddresses } from "../net/address-set.js";
import type { Rule } from "../policy/checked-policy.js";
import type { LocalEndpoint } from "./fleet.js";
import type { FlowSink } from "./flow-sink.js";
import type { Grant } from "./grant.js";
import { addLateAnswers, groupsIn, toLateAnswer } from "./late-answer.js";
import { type Party, partyOf } from "./party.js";
import { fabric, gateway, type RailView, stranger } from "./rail-view.js";
import { sendersOf } from "./senders.js";
import { addServices } from "./service.js";
import { type Leave, lateAnswersOf, type ServiceClass, servicesOf } from "./service-class.js";
import { distinctRules } from "./service-share.js";

export function addPermits(view: RailView, sink: FlowSink, family: Family): void {
  if (view.isTrusting) {
    const classes = fabricServices(view, family);
    addServices(view, sink, fabric, classes, family, false);
    const rulesFor = (leave: Leave, { party }: LocalEndpoint) => {
      const keys = [...leave.keys()].filter((key) => key.endsWith(`>${party.label}`));
      if (keys.length === 0) return undefined;
      return distinctRules(keys.flatMap((key) => leave.get(key) ?? []));
    };
    addSenderPermits(view, sink, fabric, classes, family, rulesFor);
    const destinations = view
      .locals(family)
      .map((local) => (leave: Leave) => rulesFor(leave, local) !== undefined);
    addLateAnswers(view, sink, fabric, classes, destinations, family);
    return;
  }
  const local = new Set(view.locals(family).map(({ party }) => party.label));
  const senders = sendersOf(view, family).map(({ party }) => party);
  const strangers = senders.some(({ label }) => label === stranger.label);
  for (const party of strangers && family === 6 && !view.isRouted
    ? [gateway, ...senders]
    : senders) {
    const classes = view.services(party, family);
    if (!local.has(party.label)) {
      addServices(view, sink, party, classes, family, false);
      addLateAnswers(view, sink, party, classes, groupsIn(classes), family);
    }
    addSenderPermits(view, sink, party, classes, family, (leave, { party: destination }) =>
      leave.get(view.bearings(party, destination).key),
    );
  }
}

function addSenderPermits(
  view: RailView,
  sink: FlowSink,
  sender: Party,
  classes: readonly ServiceClass[],
  family: Family,
  rulesFor: (leave: Leave, local: LocalEndpoint) => readonly Rule[] | undefined,
): void {
  for (const service of classes)
    for (const local of view.locals(family)) {
      const opens = (leave: Leave) => rulesFor(leave, local) !== undefined;
      const late = lateAnswersOf(classes, service, opens);
      const rules =
        rulesFor(service.leave, local) ??
        late?.classes.flatMap(({ leave }) => rulesFor(leave, local) ?? []);
      if (rules === undefined) continue;
      const registers = sink.marked({
        source: sender.label,
        service: service.label,
        output: local.representor,
      });
      const onward =
        late === undefined
          ? [sink.goTo(view.pipeline.forward)]
          : toLateAnswer(view, sink, local.representor, late);
      sink.add(view.pipeline.permit, 200, { registers, ip: { family } }, onward, rules);
    }
}

/** Where sources are trusted, whatever any address at all may send to an endpoint may come in. */
function fabricServices(view: RailView, family: Family): ServiceClass[] {
  const grants = new Map<string, Grant>();
  for (const { party: destination } of view.locals(family)) {
    const senders = [
      stranger,
      ...view
        .otherRails()
        .filter((rail) => !isNoAddress(view.subnetsOf([rail], family)))
        .map((rail) => partyOf(undefined, [], rail)),
      ...view
        .namedBy(destination)
        .filter(
          (member) => !isNoAddress(subtractAddresses(member.addresses(family), view.never(family))),
        )
        .map(({ party }) => party),
    ];
    for (const sender of senders) {
      const { key, bearings } = view.bearings(sender, destination);
      // senders of equal rights count once
      if (bearings.length > 0)
        grants.set(`${key}>${destination.label}`, view.grant(key, bearings, family));
    }
  }
  return servicesOf(new Map([...grants].sort(([a], [b]) => (a < b ? -1 : 1))));
}
