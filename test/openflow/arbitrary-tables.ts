/** Small random tables and frames that meet: all values come from few, close to each other. */

import fc from "fast-check";
import type { Address, Family } from "../../src/net/address.js";
import type { Body, Frame, Neighbour, Transport } from "../../src/net/packet.js";
import { type Prefix, prefixAround } from "../../src/net/prefix.js";
import { protocol } from "../../src/net/protocol.js";
import type { Action, WrittenAction } from "../../src/openflow/action.js";
import type { Flow } from "../../src/openflow/flow.js";
import { inPort, localPort, type Port } from "../../src/openflow/match.js";
import { type MaskedBits, type MatchSpec, matchOf } from "../../src/openflow/match-spec.js";

export const portNumbers = [1, 2, 3] as const;
export const lastTable = 4;

const macs = [0x0a5800000001n, 0x0a5800000003n, 0x0a58000000ffn, 0xffffffffffffn] as const;
const mac = fc.constantFrom(...macs);
const maskedMac: fc.Arbitrary<MaskedBits> = fc
  .tuple(mac, fc.constantFrom(0xffffffffffffn, 0xfffffffffffcn, 1n, 0xff00n))
  .map(([value, mask]) => ({ value: value & mask, mask }));

function address(family: Family): fc.Arbitrary<Address> {
  const base = family === 4 ? 0x0a650000n : 0xfd00n << 112n;
  return fc
    .constantFrom(0n, 1n, 4n, 5n, 7n, 8n, 255n)
    .map((low) => ({ family, value: base | low }));
}

function prefix(family: Family): fc.Arbitrary<Prefix> {
  const width = family === 4 ? 32 : 128;
  return fc
    .tuple(address(family), fc.constantFrom(0, 1, 3, 8, 16))
    .map(([value, host]) => prefixAround(value, width - host));
}

const portNumber = fc.constantFrom(0, 79, 80, 81, 4791, 65535);
const maskedPort = fc
  .tuple(portNumber, fc.constantFrom(0xffff, 0xfffe, 0xfff0, 0x8000))
  .map(([value, mask]) => ({ value: value & mask, mask }));
const flags = fc
  .tuple(fc.constantFrom(0x02, 0x10, 0x12, 0), fc.constantFrom(0x10, 0xfff, 0x12))
  .map(([value, mask]) => ({ value: value & mask, mask }));

/** Each key in one of three: flows that say everything match nothing. */
function some<T extends object>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
): fc.Arbitrary<Partial<T>> {
  const rarely = Object.entries<fc.Arbitrary<unknown>>(arbitraries).map(([key, arbitrary]) =>
    fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: arbitrary.map((value) => [[key, value] as const]) },
    ),
  );
  return fc.tuple(...rarely).map((kept) => Object.fromEntries(kept.flat()) as Partial<T>);
}

const icmpType = fc.constantFrom(0, 3, 8, 128, 129, 133, 135, 136);
const icmpCode = fc.constantFrom(0, 0, 0, 1);
const operation = fc.constantFrom(1, 2, 3);
const etherType = fc.constantFrom(0x88cc, 0x88b5);

const ports = { sourcePort: maskedPort, destinationPort: maskedPort };

function upper(family: Family) {
  return fc.oneof(
    fc.constant({}),
    fc.constantFrom(1, 6, 17, 47, 58, 132).map((number) => ({ transport: { protocol: number } })),
    some({ ...ports, flags }).map((rest) => ({ transport: { protocol: protocol.tcp, ...rest } })),
    some(ports).map((rest) => ({ transport: { protocol: protocol.udp, ...rest } })),
    some({ type: icmpType, code: icmpCode }).map((icmp) => ({ icmp })),
    ...(family === 4
      ? []
      : [
          some({ target: prefix(6), sourceLinkLayer: maskedMac }).map((rest) => ({
            neighbour: { message: "solicitation" as const, ...rest },
          })),
          some({ target: prefix(6), targetLinkLayer: maskedMac }).map((rest) => ({
            neighbour: { message: "advertisement" as const, ...rest },
          })),
        ]),
  );
}

function ip(family: Family) {
  const fragment = fc.constantFrom("no", "yes", "first", "not_later");
  return fc
    .tuple(
      some({ source: prefix(family), destination: prefix(family), fragment }),
      fc.oneof(upper(family), fc.constant({ fragment: "later" })),
    )
    .map(([common, rest]) => ({ ip: { family, ...common, ...rest } }));
}

const spec: fc.Arbitrary<MatchSpec> = fc
  .tuple(
    some({
      inPort: fc.oneof(fc.constantFrom<Port>(...portNumbers), fc.constant(localPort)),
      registers: fc
        .tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 1, 2))
        .map(([index, value]) => ({ [index]: value })),
      ethernetSource: maskedMac,
      ethernetDestination: maskedMac,
      untagged: fc.constant(true as const),
    }),
    fc.oneof(
      fc.constant({}),
      etherType.map((type) => ({ etherType: type })),
      some({
        operation,
        senderAddress: prefix(4),
        targetAddress: prefix(4),
        senderMac: maskedMac,
      }).map((arp) => ({ arp })),
      ip(4),
      ip(6),
    ),
  )
  .map(([common, layer]) => ({ ...common, ...layer }) as MatchSpec);

function setAction(matched: MatchSpec): fc.Arbitrary<Action> {
  const always: fc.Arbitrary<Action>[] = [
    fc.constantFrom(0n, 1n, 2n).map((value): Action => ({ kind: "set", field: "reg0", value })),
    fc
      .constantFrom(1n, 2n)
      .map((value): Action => ({ kind: "set", field: "reg1", value, mask: 3n })),
    mac.map((value): Action => ({ kind: "set", field: "dl_dst", value })),
    fc.constant<Action>({ kind: "move", from: "dl_src", to: "dl_dst" }),
    fc.constant<Action>({ kind: "move", from: "reg0", to: "reg1" }),
  ];
  const four = address(4).map(({ value }) => value);
  const six = address(6).map(({ value }) => value);
  const set =
    (field: "nw_dst" | "ipv6_src" | "nd_target" | "arp_tpa") =>
    (value: bigint): Action => ({
      kind: "set",
      field,
      value,
    });
  if (matched.arp !== undefined)
    always.push(
      four.map(set("arp_tpa")),
      fc.constant<Action>({ kind: "set", field: "arp_op", value: 2n }),
      fc.constant<Action>({ kind: "move", from: "arp_sha", to: "arp_tha" }),
      fc.constant<Action>({ kind: "move", from: "arp_spa", to: "arp_tpa" }),
    );
  if (matched.ip?.family === 4) always.push(four.map(set("nw_dst")));
  if (matched.ip?.family === 6) always.push(six.map(set("ipv6_src")));
  if (matched.ip?.neighbour !== undefined)
    always.push(
      six.map(set("nd_target")),
      fc.constant<Action>({ kind: "set", field: "icmpv6_type", value: 136n }),
    );
  return fc.oneof(...always);
}

const outputAction: fc.Arbitrary<Action> = fc
  .constantFrom<Port>(...portNumbers, inPort, localPort)
  .map((port) => ({ kind: "output", port }));

/** To a later table only: going round would end at OVS's limits. */
function resubmitAction(table: number): fc.Arbitrary<Action> {
  return fc.record({
    kind: fc.constant("resubmit" as const),
    table: fc.integer({ min: table + 1, max: lastTable + 1 }),
    port: fc.constantFrom<Port>(inPort, ...portNumbers),
  });
}

/** Somebody else's: they lead no packet elsewhere, or a copy of it to a controller. */
const sideAction = fc.constantFrom<Action>(
  { kind: "note", text: "note:00.01.02.03.04.05" },
  { kind: "queue", text: "set_queue:5" },
  { kind: "queue", text: "pop_queue" },
  { kind: "controller", text: "CONTROLLER:65535" },
  { kind: "controller", text: "controller(reason=no_match,max_len=64,id=3)" },
);

const writtenOutput = fc.oneof(
  outputAction,
  fc.constant<Action>({ kind: "controller", text: "CONTROLLER:65535" }),
  fc.constant<Action>({ kind: "queue", text: "set_queue:5" }),
) as fc.Arbitrary<WrittenAction>;

/** In the order that instructions have (OpenFlow 1.4, section 5.9). */
function actionSet(matched: MatchSpec): fc.Arbitrary<readonly Action[]> {
  const one = fc.oneof(writtenOutput, setAction(matched) as fc.Arbitrary<WrittenAction>);
  const clear: Action = { kind: "clear-actions" };
  const write = fc
    .array(one, { minLength: 1, maxLength: 3 })
    .map((actions): Action => ({ kind: "write-actions", actions }));
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: write.map((action) => [action]) },
    { weight: 1, arbitrary: fc.constant([clear]) },
    { weight: 1, arbitrary: write.map((action) => [clear, action]) },
  );
}

const flow: fc.Arbitrary<Flow> = fc
  .tuple(spec, fc.integer({ min: 0, max: lastTable }), fc.integer({ min: 1, max: 60 }))
  .chain(([matched, table, priority]) =>
    fc
      .tuple(
        fc.array(
          fc.oneof(
            { weight: 4, arbitrary: setAction(matched) },
            { weight: 4, arbitrary: outputAction },
            { weight: 1, arbitrary: resubmitAction(table) },
            { weight: 1, arbitrary: sideAction },
          ),
          { maxLength: 3 },
        ),
        actionSet(matched),
        fc.constantFrom(true, true, true, false),
        fc.integer({ min: table + 1, max: table + 2 }),
      )
      .map(([applied, written, goesOn, next]) => ({
        table,
        priority,
        cookie: 0n,
        match: matchOf(matched),
        actions: [
          ...applied,
          ...written,
          ...(goesOn && next <= lastTable ? [{ kind: "goto", table: next } as const] : []),
        ],
      })),
  );

export const arbitraryTables = fc.array(flow, { minLength: 30, maxLength: 60, size: "max" });

const transportPorts = { source: portNumber, destination: portNumber };

function transport(family: Family, number: number): fc.Arbitrary<Transport | undefined> {
  const isIcmp = number === (family === 4 ? protocol.icmp : protocol.icmpv6);
  if (isIcmp)
    return fc
      .tuple(icmpType, icmpCode, mac, fc.boolean(), address(6))
      .map(([type, code, linkLayer, hasOption, target]) => ({
        kind: "icmp",
        type,
        code,
        ...(family === 6 && code === 0 && (type === 135 || type === 136)
          ? { neighbour: neighbour(type, target, hasOption ? linkLayer : undefined) }
          : {}),
      }));
  if (number === protocol.tcp)
    return fc
      .record({ ...transportPorts, tcpFlags: fc.constantFrom(0x02, 0x10, 0x12, 0x14) })
      .map((rest) => ({ kind: "ports", ...rest }));
  if (number === protocol.udp || number === protocol.sctp)
    return fc.record(transportPorts).map((rest) => ({ kind: "ports", ...rest }));
  return fc.constant(undefined);
}

// ofproto/trace takes from each message only its own option
function neighbour(type: number, target: Address, linkLayer: bigint | undefined): Neighbour {
  if (linkLayer === undefined) return { target };
  return type === 135
    ? { target, sourceLinkLayer: linkLayer }
    : { target, targetLinkLayer: linkLayer };
}

function ipBody(family: Family): fc.Arbitrary<Body> {
  return fc
    .tuple(
      fc.constantFrom(1, 6, 6, 17, 17, 47, 58, 58, 132),
      fc.constantFrom("no", "no", "no", "first", "later"),
      address(family),
      address(family),
      fc.constantFrom(0, 0x20, 0x21),
    )
    .chain(([number, fragment, source, destination, typeOfService]) =>
      transport(family, number).map((body) => ({
        kind: "ip",
        source,
        destination,
        protocol: number,
        fragment,
        timeToLive: 64,
        typeOfService,
        ...(body === undefined || fragment === "later" ? {} : { transport: body }),
      })),
    );
}

const arpBody: fc.Arbitrary<Body> = fc.record({
  kind: fc.constant("arp" as const),
  operation,
  senderMac: mac,
  senderAddress: address(4),
  targetMac: mac,
  targetAddress: address(4),
});

export const arbitraryFrame: fc.Arbitrary<Frame> = fc
  .tuple(
    mac,
    mac,
    fc.option(fc.constantFrom(1, 5), { nil: undefined, freq: 5 }),
    fc.oneof(
      ipBody(4),
      ipBody(6),
      arpBody,
      etherType.map((type): Body => ({ kind: "other", etherType: type })),
    ),
  )
  .map(([source, destination, vlan, body]) => ({
    source,
    destination,
    ...(vlan === undefined ? {} : { vlan }),
    body,
  }));

export const arbitraryInPort: fc.Arbitrary<number> = fc.constantFrom(...portNumbers, localPort);

/** Random tables, each with packets and the ports they come in by. */
export function sampleTables(seed: number, runs: number, packetsPerRun: number) {
  const packet = fc.tuple(arbitraryFrame, arbitraryInPort);
  const packets = fc.array(packet, { minLength: packetsPerRun, maxLength: packetsPerRun });
  return fc.sample(fc.tuple(arbitraryTables, packets), { seed, numRuns: runs });
}
