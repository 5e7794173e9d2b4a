/** The service tables: protocol, then port or type, of one source party, to the class of its service. */

import type { Family } from "../net/address.js";
import {
  type IntervalSet,
  intersectIntervals,
  isEveryNumber,
  masksOf,
  uniteIntervals,
} from "../net/interval-set.js";
import { neighbourDiscovery, protocol } from "../net/protocol.js";
import { selectorsOf } from "../net/traffic.js";
import type { Action } from "../openflow/action.js";
import type { Rule } from "../policy/checked-policy.js";
import type { Table } from "./compiled-rail.js";
import type { FlowSink } from "./flow-sink.js";
import type { Party } from "./party.js";
import { register } from "./pipeline.js";
import type { RailView } from "./rail-view.js";
import type { ServiceClass, Services } from "./service-class.js";

/** A service class's share of one protocol. */
interface Share {
  readonly service: ServiceClass;
  readonly selectors: IntervalSet;
}

const ack = { value: 0x10, mask: 0x10 };

const discovery: IntervalSet = [
  {
    first: neighbourDiscovery.routerSolicitation << 8,
    last: (neighbourDiscovery.redirect << 8) | 0xff,
  },
];

/**
 * OVS shows no fragment's ports to a flow, not even the first one's (ovs-ofctl(8), set-frags, mode "normal"): it reads
 * them as 0, so fragments must not reach the port tables.
 */
export function addFragmentStop(view: RailView, sink: FlowSink, family: Family): void {
  const spec = { ip: { family, fragment: "yes" } } as const;
  sink.add(view.pipeline.service, 900, spec, [], "fragments show no ports");
}

export function addServices(
  view: RailView,
  sink: FlowSink,
  source: Party,
  services: Services,
  family: Family,
): void {
  const { pipeline } = view;
  const registers = sink.marked({ source: source.label });
  const ip = { registers, ip: { family } };
  const into = (service: ServiceClass): readonly Action[] => [
    sink.mark("service", service.label),
    sink.goTo(pipeline.permit),
  ];
  const rest = services.classes.find((service) => service.packets.rest);
  const shares = new SharesByProtocol(services.classes, rest);

  const only = services.classes.length === 1 ? services.classes[0] : undefined;
  if (
    only?.fragments &&
    only === rest &&
    shares.protocols().every((number) => shares.isWhole(number, only))
  ) {
    sink.add(pipeline.service, 950, ip, into(only), rulesOf(only));
    return;
  }
  const fragments = services.classes.find((service) => service.fragments);
  if (fragments !== undefined) {
    const fragmented = { registers, ip: { family, fragment: "yes" } } as const;
    sink.add(pipeline.service, 950, fragmented, into(fragments), rulesOf(fragments));
  }
  if (rest !== undefined) sink.add(pipeline.service, 100, ip, into(rest), rulesOf(rest));

  const protocols = new Set(shares.protocols());
  if (services.classes.some(({ answers }) => answers.length > 0)) protocols.add(protocol.tcp);
  for (const number of [...protocols].sort((a, b) => a - b)) {
    const parts = shares.of(number);
    const whole =
      parts.length === 1 && isEveryNumber(parts[0]?.selectors ?? []) ? parts[0] : undefined;
    const looksAtAnswers =
      number === protocol.tcp &&
      (whole === undefined
        ? services.classes.some(({ answers }) => answers.length > 0)
        : services.pairs.some(({ forward }) => forward === whole.service));
    const dispatch = (actions: readonly Action[], why: readonly Rule[] | string) =>
      sink.add(
        pipeline.service,
        200,
        { registers, ip: { family, transport: { protocol: number } } },
        actions,
        why,
      );
    if (whole !== undefined && !looksAtAnswers) {
      if (whole.service !== rest) dispatch(into(whole.service), rulesOf(whole.service));
    } else if (parts.length === 0 && !looksAtAnswers) {
      if (rest !== undefined) dispatch([], "no rule allows this protocol");
    } else {
      const table = tableOf(view, number, family);
      dispatch([sink.goTo(table)], "by port or type");
      if (number === protocol.icmp || number === protocol.icmpv6)
        addTypes(sink, table, registers, family, parts, into);
      else if (number === protocol.tcp)
        addTcp(view, sink, registers, family, parts, services, into);
      else addPorts(sink, table, registers, family, number, parts, into);
    }
  }
}

/** Invariant (disjoint shares): no selector of a protocol is in two classes. */
class SharesByProtocol {
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

function tableOf({ pipeline }: RailView, number: number, family: Family): Table {
  if (number === protocol.tcp) return pipeline.tcpService;
  if (number === protocol.udp) return pipeline.udpService;
  if (number === (family === 4 ? protocol.icmp : protocol.icmpv6))
    return pipeline.icmpService[family];
  throw new Error(`protocol ${number} has no ports to tell apart`);
}

function addPorts(
  sink: FlowSink,
  table: Table,
  registers: { readonly [index: number]: number },
  family: Family,
  number: number,
  shares: readonly Share[],
  into: (service: ServiceClass) => readonly Action[],
): void {
  if (number !== protocol.udp && number !== protocol.tcp)
    throw new Error(`ports of protocol ${number} cannot be offloaded`);
  const otherwise = defaultOf(shares);
  for (const { service, selectors } of shares) {
    const why = rulesOf(service);
    if (service === otherwise) {
      const spec = { registers, ip: { family, transport: { protocol: number } } };
      sink.add(table, 100, spec, into(service), why);
    } else
      for (const port of masksOf(selectors)) {
        const transport = { protocol: number, destinationPort: port };
        sink.add(
          table,
          200 + maskLength(port.mask),
          { registers, ip: { family, transport } },
          into(service),
          why,
        );
      }
  }
}

function addTcp(
  view: RailView,
  sink: FlowSink,
  registers: { readonly [index: number]: number },
  family: Family,
  shares: readonly Share[],
  { classes, pairs }: Services,
  into: (service: ServiceClass) => readonly Action[],
): void {
  const { tcpService, tcpAnswer } = view.pipeline;
  const forwards = new Set(shares.map(({ service }) => service));
  const looked = pairs.filter(({ forward }) => forwards.has(forward));
  const paired = new Set(looked.map(({ forward }) => forward));
  addPorts(sink, tcpService, registers, family, protocol.tcp, shares, (service) =>
    paired.has(service)
      ? [sink.mark("service", service.label), sink.goTo(tcpAnswer)]
      : into(service),
  );
  const tcp = (service: string | undefined, sourcePort?: { value: number; mask: number }) => ({
    registers: {
      ...registers,
      ...(service === undefined ? { [register.service]: 0 } : sink.marked({ service })),
    },
    ip: {
      family,
      transport:
        sourcePort === undefined
          ? { protocol: protocol.tcp }
          : {
              protocol: protocol.tcp,
              flags: ack,
              ...(sourcePort.mask === 0 ? {} : { sourcePort }),
            },
    },
  });
  const answering = classes.filter(({ answers }) => answers.length > 0);
  if (answering.length > 0 && defaultOf(shares) === undefined) {
    const spec = { registers, ip: { family, transport: { protocol: protocol.tcp } } };
    sink.add(tcpService, 50, spec, [sink.goTo(tcpAnswer)], "perhaps an answer");
    for (const service of answering)
      for (const port of masksOf(service.answers))
        sink.add(
          tcpAnswer,
          200 + maskLength(port.mask),
          tcp(undefined, port),
          into(service),
          rulesOf(service),
        );
  }
  for (const { forward, answer, both } of looked)
    for (const port of masksOf(answer.answers))
      sink.add(
        tcpAnswer,
        200 + maskLength(port.mask),
        tcp(forward.label, port),
        into(both),
        rulesOf(both),
      );
  for (const forward of paired)
    sink.add(
      tcpAnswer,
      100,
      tcp(forward.label),
      [sink.goTo(view.pipeline.permit)],
      rulesOf(forward),
    );
}

function addTypes(
  sink: FlowSink,
  table: Table,
  registers: { readonly [index: number]: number },
  family: Family,
  shares: readonly Share[],
  into: (service: ServiceClass) => readonly Action[],
): void {
  const otherwise = defaultOf(shares);
  for (const { service, selectors } of shares) {
    const why = rulesOf(service);
    const add = (priority: number, icmp: { type?: number; code?: number }) =>
      sink.add(table, priority, { registers, ip: { family, icmp } }, into(service), why);
    if (service === otherwise) {
      add(100, {});
      continue;
    }
    for (let type = 0; type < 256; type++) {
      const range = { first: type << 8, last: (type << 8) | 0xff };
      for (const { first, last } of intersectIntervals(selectors, [range]))
        if (first === range.first && last === range.last) add(200, { type });
        else for (let code = first; code <= last; code++) add(300, { type, code: code & 0xff });
    }
  }
}

/** Where every port is somebody's, the one with the most masks needs none. */
function defaultOf(shares: readonly Share[]): ServiceClass | undefined {
  const sizes = shares.map(({ service, selectors }) => ({
    service,
    size: masksOf(selectors).length,
  }));
  const all = uniteIntervals(...shares.map(({ selectors }) => selectors));
  if (!isEveryNumber(all)) return undefined;
  return sizes.reduce((best, next) => (next.size > best.size ? next : best)).service;
}

function rulesOf({ leave }: ServiceClass): readonly Rule[] {
  const rules = new Map([...leave.values()].flat().map((rule) => [rule.id, rule]));
  return [...rules.keys()].sort().map((id) => rules.get(id) as Rule);
}

function maskLength(mask: number): number {
  let length = 0;
  for (let bit = 0x8000; (mask & bit) !== 0; bit >>= 1) length++;
  return length;
}
