/** What the fabric's senders may bring to the endpoints of this node: party, service and endpoint in registers alone. */

import type { Family } from "../net/address.js";
import { isNoAddress, subtractAddresses } from "../net/address-set.js";
import type { Rule } from "../policy/checked-policy.js";
import type { LocalEndpoint } from "./fleet.js";
import type { FlowSink } from "./flow-sink.js";
import type { Grant } from "./grant.js";
import { type Party, partyOf } from "./party.js";
import { classesOf, fabric, gateway, type RailView, stranger } from "./rail-view.js";
import { sendersOf } from "./senders.js";
import { addServices } from "./service.js";
import { type Leave, type Services, servicesOf } from "./service-class.js";

export function addPermits(view: RailView, sink: FlowSink, family: Family): void {
  if (view.isTrusting) {
    const services = fabricServices(view, family);
    addServices(view, sink, fabric, services, family);
    addSenderPermits(view, sink, fabric, services, family, (leave, local) => {
      const rules = [...leave].filter(([key]) => key.endsWith(`>${local.party.label}`));
      return rules.length === 0 ? undefined : distinct(rules.flatMap(([, found]) => found));
    });
    return;
  }
  const local = new Set(view.locals(family).map(({ party }) => party.label));
  const senders = sendersOf(view, family).map(({ party }) => party);
  const strangers = senders.some(({ label }) => label === stranger.label);
  for (const party of strangers && family === 6 && !view.isRouted
    ? [gateway, ...senders]
    : senders) {
    const services = view.services(party, family);
    if (!local.has(party.label)) addServices(view, sink, party, services, family);
    addSenderPermits(view, sink, party, services, family, (leave, { party: destination }) =>
      leave.get(view.bearings(party, destination).key),
    );
  }
}

function addSenderPermits(
  view: RailView,
  sink: FlowSink,
  sender: Party,
  services: Services,
  family: Family,
  rulesOf: (leave: Leave, local: LocalEndpoint) => readonly Rule[] | undefined,
): void {
  for (const service of classesOf(services))
    for (const local of view.locals(family)) {
      const rules = rulesOf(service.leave, local);
      if (rules === undefined) continue;
      const registers = sink.marked({
        source: sender.label,
        service: service.label,
        output: local.representor,
      });
      const onward = [sink.goTo(view.pipeline.forward)];
      sink.add(view.pipeline.permit, 200, { registers, ip: { family } }, onward, rules);
    }
}

/** Where sources are trusted, whatever any address at all may send to an endpoint may come in. */
function fabricServices(view: RailView, family: Family): Services {
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

function distinct(rules: readonly Rule[]): readonly Rule[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  return [...byId.keys()].sort().map((id) => byId.get(id) as Rule);
}
