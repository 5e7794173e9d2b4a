/** The port and type tables: within a protocol, to the class of the packet's service. */

import type { Family } from "../net/address.js";
import {
  type IntervalSet,
  intersectIntervals,
  isEveryNumber,
  type MaskedNumber,
  masksOf,
  printIntervals,
  uniteIntervals,
} from "../net/interval-set.js";
import { protocol } from "../net/protocol.js";
import type { Action } from "../openflow/action.js";
import type { MatchSpec } from "../openflow/match-spec.js";
import type { Table } from "./compiled-rail.js";
import type { FlowSink, Why } from "./flow-sink.js";
import { blocksOutside, maskLength, type PortStrides, portStrides } from "./port-strides.js";
import type { RailView } from "./rail-view.js";
import type { ServiceClass } from "./service-class.js";
import { defaultOf, rulesOf, type Share } from "./service-share.js";

export const ack = { value: 0x10, mask: 0x10 };
const noAck = { value: 0, mask: 0x10 };

/** Whose packets they are. Only endpoints of this node are fenced in strides: the fabric's ports are OVS's trie's. */
export interface Sender {
  readonly registers: { readonly [index: number]: number };
  readonly family: Family;
  readonly isLocal: boolean;
}

/**
 * Wrong ports are many flows, so all parties whose right ports are the same share them: before its service class,
 * register 1 holds which ports those are. The name of that set is returned, where there is one.
 */
export function addUdp(
  { pipeline }: RailView,
  sink: FlowSink,
  sender: Sender,
  shares: readonly Share[],
  into: (service: ServiceClass) => readonly Action[],
): string | undefined {
  const table = pipeline.udpService;
  const right = addRightPorts(sink, table, sender, protocol.udp, shares, into);
  const wrong = right === undefined ? undefined : blocksOutside(right, portStrides.alone);
  if (right === undefined || wrong === undefined || !sender.isLocal) return undefined;
  const { family } = sender;
  const portSet = `ports of udp: ${printIntervals(right)}`;
  sink.share(`${family} ${portSet}`, (shared) => {
    const registers = shared.marked({ service: portSet });
    const specOf = (destinationPort: MaskedNumber): MatchSpec => ({
      registers,
      ip: { family, transport: { protocol: protocol.udp, destinationPort } },
    });
    addBlocks(shared, table, wrong, specOf, [], wrongPort);
  });
  return portSet;
}

const wrongPort = "no rule allows this port";

/** The ports that lead to a class, unless every port does. */
function addRightPorts(
  sink: FlowSink,
  table: Table,
  { registers, family }: Sender,
  number: typeof protocol.tcp | typeof protocol.udp,
  shares: readonly Share[],
  into: (service: ServiceClass) => readonly Action[],
): IntervalSet | undefined {
  const otherwise = defaultOf(shares);
  const specOf = (destinationPort: MaskedNumber): MatchSpec => ({
    registers,
    ip: { family, transport: { protocol: number, destinationPort } },
  });
  for (const { service, selectors } of shares)
    if (service === otherwise) {
      const everyPort: MatchSpec = { registers, ip: { family, transport: { protocol: number } } };
      sink.add(table, 100, everyPort, into(service), rulesOf(service));
    } else addBlocks(sink, table, masksOf(selectors), specOf, into(service), rulesOf(service));
  if (otherwise !== undefined) return undefined;
  return uniteIntervals(...shares.map(({ selectors }) => selectors));
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
  view: RailView,
  sink: FlowSink,
  sender: Sender,
  shares: readonly Share[],
  classes: readonly ServiceClass[],
  into: (service: ServiceClass) => readonly Action[],
): string | undefined {
  const { tcpService, tcpAnswer } = view.pipeline;
  const { registers, family } = sender;
  const right = addRightPorts(sink, tcpService, sender, protocol.tcp, shares, into);
  if (right === undefined) return undefined;
  const answering = classes.filter(({ answers }) => answers.length > 0);
  const answered = addAnswers(sink, tcpAnswer, sender, answering, into);
  const isBothWays = answering.length > 0 && shares.length > 0;
  const toAnswer = answering.length > 0 ? [sink.goTo(tcpAnswer)] : [];
  const strides = isBothWays ? openingStrides(view) : portStrides.alone;
  const wrong = sender.isLocal && shares.length > 0 ? blocksOutside(right, strides) : undefined;
  const missed = toAnswer.length === 0 ? wrongPort : "perhaps an answer";
  if (wrong === undefined && toAnswer.length > 0) {
    const spec: MatchSpec = { registers, ip: { family, transport: { protocol: protocol.tcp } } };
    sink.add(tcpService, 50, spec, toAnswer, missed);
  }
  const hasWrongAnswers = sender.isLocal && answering.length > 0 && !isEveryNumber(answered);
  if (wrong === undefined && !hasWrongAnswers) return undefined;
  const portSet = `ports of tcp: ${printIntervals(right)}; answers from ${printIntervals(answered)}`;
  sink.share(`${family} ${portSet}`, (shared) => {
    const marked = shared.marked({ service: portSet });
    const specOf = (destinationPort: MaskedNumber): MatchSpec => ({
      registers: marked,
      ip: { family, transport: { protocol: protocol.tcp, destinationPort } },
    });
    addBlocks(shared, tcpService, wrong ?? [], specOf, toAnswer, missed);
    if (hasWrongAnswers) addWrongAnswers(shared, tcpAnswer, marked, family, answered, isBothWays);
  });
  return portSet;
}

function openingStrides({ speaksBoth }: RailView): PortStrides {
  return speaksBoth ? portStrides.openingOfTwo : portStrides.opening;
}

function addAnswers(
  sink: FlowSink,
  table: Table,
  { registers, family }: Sender,
  answering: readonly ServiceClass[],
  into: (service: ServiceClass) => readonly Action[],
): IntervalSet {
  const specOf = (port: MaskedNumber): MatchSpec => {
    const sourcePort = port.mask === 0 ? {} : { sourcePort: port };
    const transport = { protocol: protocol.tcp, flags: ack, ...sourcePort };
    return { registers, ip: { family, transport } };
  };
  for (const service of answering)
    addBlocks(sink, table, masksOf(service.answers), specOf, into(service), rulesOf(service));
  return uniteIntervals([], ...answering.map((service) => service.answers));
}

function addWrongAnswers(
  sink: FlowSink,
  table: Table,
  registers: Sender["registers"],
  family: Family,
  answered: IntervalSet,
  isBothWays: boolean,
): void {
  const specOf = (more: { flags?: MaskedNumber; sourcePort?: MaskedNumber }): MatchSpec => ({
    registers,
    ip: { family, transport: { protocol: protocol.tcp, ...more } },
  });
  sink.add(table, 300, specOf({ flags: noAck }), [], "an answer acknowledges");
  const strides = isBothWays ? portStrides.answering : portStrides.alone;
  const wrong = blocksOutside(answered, strides) ?? [];
  addBlocks(sink, table, wrong, (sourcePort) => specOf({ sourcePort }), [], "no rule is answered");
}

/**
 * Nothing masks a type of ICMP (ovs-fields(7)), so it is fenced whole: a flow for each wrong one is one mask where OVS's
 * trie for ports makes one for each of its eight bits.
 */
export function addTypes(
  sink: FlowSink,
  table: Table,
  { registers, family, isLocal }: Sender,
  shares: readonly Share[],
  into: (service: ServiceClass) => readonly Action[],
): string | undefined {
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
  if (otherwise !== undefined || !isLocal) return undefined;
  const right = uniteIntervals(...shares.map(({ selectors }) => selectors));
  const wrong = Array.from({ length: 256 }, (_, type) => type).filter(
    (type) =>
      intersectIntervals(right, [{ first: type << 8, last: (type << 8) | 0xff }]).length === 0,
  );
  if (wrong.length === 0) return undefined;
  const typeSet = `all types but ${wrong.join(",")}`;
  sink.share(`${family} ${typeSet}`, (shared) => {
    const marked = shared.marked({ service: typeSet });
    for (const type of wrong)
      shared.add(table, 150, { registers: marked, ip: { family, icmp: { type } } }, [], wrongType);
  });
  return typeSet;
}

const wrongType = "no rule allows this type";
