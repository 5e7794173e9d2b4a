/** Which service class has which part of a protocol, for one source party. */

import { type IntervalSet, isEveryNumber, masksOf, uniteIntervals } from "../net/interval-set.js";
import { neighbourDiscovery, protocol } from "../net/protocol.js";
import { selectorsOf } from "../net/traffic.js";
import type { Rule } from "../policy/checked-policy.js";
import type { ServiceClass } from "./service-class.js";

/** A service class's share of one protocol. */
export interface Share {
  readonly service: ServiceClass;
  readonly selectors: IntervalSet;
}

const discovery: IntervalSet = [
  {
    first: neighbourDiscovery.routerSolicitation << 8,
    last: (neighbourDiscovery.redirect << 8) | 0xff,
  },
];

/** Invariant (disjoint shares): no selector of a protocol is in two classes. */
export class SharesByProtocol {
  readonly #classes: readonly ServiceClass[];
  /** Neighbour discovery never comes here: whoever takes the rest may have it too, which saves flows. */
  readonly #owner: ServiceClass | undefined;

  constructor(classes: readonly ServiceClass[], rest: ServiceClass | undefined) {
    this.#classes = classes;
    this.#owner =
      rest ??
      classes.find(({ packets }) =>
        isEveryNumber(uniteIntervals(selectorsOf(packets, protocol.icmpv6), discovery)),
      );
  }

  protocols(): number[] {
    return [...new Set(this.#classes.flatMap(({ packets }) => [...packets.protocols.keys()]))];
  }

  of(number: number): Share[] {
    return this.#classes
      .map((service) => ({ service, selectors: this.#selectors(service, number) }))
      .filter(({ selectors }) => selectors.length > 0);
  }

  isWhole(number: number, service: ServiceClass): boolean {
    return isEveryNumber(this.#selectors(service, number));
  }

  #selectors(service: ServiceClass, number: number): IntervalSet {
    const selectors = selectorsOf(service.packets, number);
    return number === protocol.icmpv6 && service === this.#owner
      ? uniteIntervals(selectors, discovery)
      : selectors;
  }
}

/** Where every port is somebody's, the one with the most masks needs none. */
export function defaultOf(shares: readonly Share[]): ServiceClass | undefined {
  const sizes = shares.map(({ service, selectors }) => ({
    service,
    size: masksOf(selectors).length,
  }));
  const all = uniteIntervals(...shares.map(({ selectors }) => selectors));
  if (!isEveryNumber(all)) return undefined;
  return sizes.reduce((best, next) => (next.size > best.size ? next : best)).service;
}

export function rulesOf({ leave }: ServiceClass): readonly Rule[] {
  return distinctRules([...leave.values()].flat());
}

/** Each rule once, in one order. */
export function distinctRules(rules: readonly Rule[]): readonly Rule[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  return [...byId.keys()].sort().map((id) => byId.get(id) as Rule);
}
