/** The port and type tables: within a protocol, to the class of the packet's service. */

import type { Family } from "../net/address.js";
import {
  type IntervalSet,
  intersectIntervals,
  isEveryNumber,
  type MaskedNumber,
  masksOf,
  uniteIntervals,
} from "../net/interval-set.js";
import { protocol } from "../net/protocol.js";
import type { Action } from "../openflow/action.js";
import type { MatchSpec } from "../openflow/match-spec.js";
import type { Table } from "./compiled-rail.js";
import type { FlowSink, Why } from "./flow-sink.js";
import { blocksOutside, maskLength, portStrides } from "./port-strides.js";
import { register } from "./rail-tables.js";
import type { RailView } from "./rail-view.js";
import type { ServiceClass } from "./service-class.js";
import { defaultOf, rulesOf, type Share } from "./service-share.js";
import type { Strides } from "./strides.js";

export const ack = { value: 0x10, mask: 0x10 };
const noAck = { value: 0, mask: 0x10 };

/** Whose packets they are. Only endpoints of this node are fenced in strides: the fabric's ports are OVS's trie's. */
export interface Sender {
  readonly registers: { readonly [index: number]: number };
  readonly family: Family;
  readonly isLocal: boolean;
}

export function addUdp(
  sink: FlowSink,
  table: Table,
  sender: Sender,
  shares: readonly Share[],
  into: (service: ServiceClass) => readonly Action[],
): void {
  addDestinationPorts(sink, table, sender, protocol.udp, shares, into, portStrides.alone, []);
}

function addDestinationPorts(
  sink: FlowSink,
  table: Table,
  { registers, family, isLocal }: Sender,
  number: typeof protocol.tcp | typeof protocol.udp,
  shares: readonly Share[],
  into: (service: ServiceClass) => readonly Action[],
  strides: readonly Strides[],
  miss: readonly Action[],
): void {
  const otherwise = defaultOf(shares);
  const tcpOrUdp: MatchSpec = { registers, ip: { family, transport: { protocol: number } } };
  const specOf = (destinationPort: MaskedNumber): MatchSpec => ({
    registers,
    ip: { family, transport: { protocol: number, destinationPort } },
  });
  for (const { service, selectors } of shares)
    if (service === otherwise) sink.add(table, 100, tcpOrUdp, into(service), rulesOf(service));
    else addBlocks(sink, table, masksOf(selectors), specOf, into(service), rulesOf(service));
  if (otherwise !== undefined) return;
  const why = miss.length === 0 ? "no rule allows this port" : "perhaps an answer";
  const right = uniteIntervals(...shares.map(({ selectors }) => selectors));
  const wrong = isLocal && shares.length > 0 ? blocksOutside(right, strides) : undefined;
  if (wrong !== undefined) addBlocks(sink, table, wrong, specOf, miss, why);
  else if (miss.length > 0) sink.add(table, 50, tcpOrUdp, miss, why);
}

/** Shorter blocks are looked at first, so that a megaflow ends at the first stride that decides. */
function addBlocks(
  sink: FlowSink,
  table: Table,
  blocks: readonly MaskedNumber[],
  specOf: (block: MaskedNumber) => MatchSpec,
  actions: readonly Action[],
  why: Why,
): void {
  for (const block of blocks)
    sink.add(table, 216 - maskLength(block.mask), specOf(block), actions, why);
}

/**
 * An answer is looked for where the destination port is nobody's: where it is somebody's and an answer may go further,
 * `late-answer` looks after the destination.
 */
export function addTcp(
  { pipeline }: RailView,
  sink: FlowSink,
  sender: Sender,
  shares: readonly Share[],
  classes: readonly ServiceClass[],
  into: (service: ServiceClass) => readonly Action[],
): void {
  const { tcpService, tcpAnswer } = pipeline;
  const answering = classes.filter(({ answers }) => answers.length > 0);
  const isBothWays = answering.length > 0 && shares.length > 0;
  const toAnswer = answering.length > 0 ? [sink.goTo(tcpAnswer)] : [];
  const strides = isBothWays ? portStrides.opening : portStrides.alone;
  addDestinationPorts(sink, tcpService, sender, protocol.tcp, shares, into, strides, toAnswer);
  if (answering.length === 0 || defaultOf(shares) !== undefined) return;
  addAnswers(sink, tcpAnswer, sender, answering, into, isBothWays);
}

function addAnswers(
  sink: FlowSink,
  table: Table,
  { registers, family, isLocal }: Sender,
  answering: readonly ServiceClass[],
  into: (service: ServiceClass) => readonly Action[],
  isBothWays: boolean,
): void {
  const specOf = (more: { flags?: MaskedNumber; sourcePort?: MaskedNumber }): MatchSpec => ({
    registers: { ...registers, [register.service]: 0 },
    ip: { family, transport: { protocol: protocol.tcp, ...more } },
  });
  const answers = (sourcePort: MaskedNumber) =>
    specOf({ flags: ack, ...(sourcePort.mask === 0 ? {} : { sourcePort }) });
  for (const service of answering)
    addBlocks(sink, table, masksOf(service.answers), answers, into(service), rulesOf(service));
  const right: IntervalSet = uniteIntervals(...answering.map((service) => service.answers));
  if (!isLocal || isEveryNumber(right)) return;
  sink.add(table, 300, specOf({ flags: noAck }), [], "an answer acknowledges");
  const strides = isBothWays ? portStrides.answering : portStrides.alone;
  const wrong = blocksOutside(right, strides) ?? [];
  addBlocks(sink, table, wrong, (sourcePort) => specOf({ sourcePort }), [], "no rule is answered");
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
