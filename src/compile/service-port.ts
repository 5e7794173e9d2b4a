/** The port and type tables: within a protocol, to the class of the packet's service. */

import type { Family } from "../net/address.js";
import { intersectIntervals, masksOf } from "../net/interval-set.js";
import { protocol } from "../net/protocol.js";
import type { Action } from "../openflow/action.js";
import type { Table } from "./compiled-rail.js";
import type { FlowSink } from "./flow-sink.js";
import { register } from "./pipeline.js";
import type { RailView } from "./rail-view.js";
import type { ServiceClass, Services } from "./service-class.js";
import { defaultOf, rulesOf, type Share } from "./service-share.js";

const ack = { value: 0x10, mask: 0x10 };

export function addPorts(
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

export function addTcp(
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

export function addTypes(
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

function maskLength(mask: number): number {
  let length = 0;
  for (let bit = 0x8000; (mask & bit) !== 0; bit >>= 1) length++;
  return length;
}
