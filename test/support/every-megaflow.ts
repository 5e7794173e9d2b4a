/**
 * The strongest attacker there is: every packet makes a megaflow that no packet before it made. One is translated, and
 * for each bit that it was looked at, in the order of looking, those are tried that differ there first.
 *
 * Concrete packets alone: nothing of the classes that `verify/cost/hostile-bound.ts` counts with.
 */

import type { ClassifiedTables } from "../../src/datapath/unwildcard/classified-tables.js";
import {
  addField,
  type Words,
  wordCount,
  wordOf,
} from "../../src/datapath/unwildcard/flow-words.js";
import { type Translation, Translator } from "../../src/datapath/unwildcard/translation.js";
import type { FieldName } from "../../src/openflow/field.js";
import { legitimateTraffic } from "../../src/verify/cost/legitimate-traffic.js";
import { MegaflowSet } from "../../src/verify/cost/megaflow-set.js";
import { neighbourTraffic } from "../../src/verify/cost/neighbour-traffic.js";
import type { RailModel } from "../../src/verify/cost/rail-model.js";

export interface Crafted {
  readonly packet: Words;
  readonly translation: Translation;
}

interface Box {
  readonly packet: Words;
  readonly free: Words;
}

type Part = readonly [field: FieldName, value: bigint];

export interface Attack {
  readonly inPort: number;
  /** That one alone. */
  readonly sourceMac?: bigint;
  /** Packets to begin with: whoever knows what passes comes far with few. */
  readonly rightful?: readonly Words[];
}

/** Boxes that differ from packets of one mask in one bit. */
type Waiting = Box[];

/**
 * Untagged and tagged IPv4, IPv6 and ARP of all kinds, or those with one source MAC; to the last megaflow, if one has the
 * patience. What differs from some mask in a bit that was not tried there comes first, so that few packets see many masks.
 */
export function* everyMegaflow(
  tables: ClassifiedTables,
  { inPort, sourceMac, rightful = [] }: Attack,
): Generator<Crafted> {
  const translator = new Translator(tables);
  const known = new MegaflowSet();
  const byChange = new Map<string, Waiting>([["", []]]);
  const fresh: Waiting[] = [];
  const numbers = new Map<object, number>();
  const wait = (change: string, box: Box) => {
    let waiting = byChange.get(change);
    if (waiting === undefined) {
      waiting = [];
      byChange.set(change, waiting);
      fresh.push(waiting);
    }
    waiting.push(box);
  };
  const starts = [...startsOf(inPort, sourceMac)].map((box) => asRightful(box, rightful));
  while (byChange.size > 0 || starts.length > 0)
    for (const [change, waiting] of byChange) {
      const box = fresh.pop()?.pop() ?? starts.pop() ?? waiting.pop();
      if (box === undefined) {
        if (waiting.length === 0) byChange.delete(change);
        continue;
      }
      const translation = translator.translate(box.packet);
      const { looked } = translation;
      const count = known.all.length;
      const { mask } = known.add(box.packet, looked, translation.slow);
      split(box, [...translator.lookedBefore().slice(1), looked], (bit, other) =>
        wait(`${numberOf(mask)} ${bit}`, other),
      );
      if (known.all.length > count) yield { packet: box.packet, translation };
    }
  function numberOf(mask: object): number {
    const number = numbers.get(mask) ?? numbers.size;
    numbers.set(mask, number);
    return number;
  }
}

/** What the attacker may do, and so knows. */
export function rightfulPackets({ view, tables }: RailModel, inPort: number): Words[] {
  return [
    ...[...legitimateTraffic(view, tables.portNumber, "one")].map(({ box }) => box),
    ...neighbourTraffic(view, tables.portNumber),
  ]
    .map(({ packet }) => packet)
    .filter((packet) => packet[wordOf.inPort] === inPort);
}

/** Where it is free, like the rightful packet that has most in common with what is not: so it comes far. */
function asRightful({ packet, free }: Box, rightful: readonly Words[]): Box {
  const alike = (other: Words) =>
    [wordOf.etherType, wordOf.internet, wordOf.ports].filter(
      (word) =>
        (((other[word] as number) ^ (packet[word] as number)) & ~(free[word] as number)) === 0,
    ).length;
  let best: Words | undefined;
  for (const one of rightful) if (best === undefined || alike(one) > alike(best)) best = one;
  const like = best ?? packet;
  const started = packet.map(
    (bits, word) =>
      (bits & ~(free[word] as number)) | ((like[word] as number) & (free[word] as number)),
  );
  return { packet: started, free };
}

function split(
  { packet, free }: Box,
  parts: readonly Words[],
  into: (bit: number, box: Box) => void,
): void {
  const left = free.slice();
  for (const looked of parts)
    for (let word = 0; word < wordCount; word++)
      for (let bits = (left[word] as number) & (looked[word] as number); bits !== 0; ) {
        const place = Math.clz32(bits);
        const bit = 1 << (31 - place);
        bits &= ~bit;
        left[word] = (left[word] as number) & ~bit;
        const other = packet.slice();
        other[word] = (other[word] as number) ^ bit;
        into(word * 32 + place, { packet: other, free: left.slice() });
      }
}

function* startsOf(inPort: number, sourceMac: bigint | undefined): Generator<Box> {
  const sources: Part[] = sourceMac === undefined ? [] : [["dl_src", sourceMac]];
  const macs = ones(48, "dl_dst", ...(sourceMac === undefined ? (["dl_src"] as const) : []));
  for (const isTagged of [true, false]) {
    const tag: Part[] = isTagged ? [["vlan_tci", 0xefffn]] : [];
    const box = (fixed: readonly Part[], free: readonly Part[]): Box => {
      const present: Part[] = isTagged ? [["vlan_tci", 0x1000n]] : [];
      const packet = words([...sources, ...present, ...fixed]);
      packet[wordOf.inPort] = inPort;
      return { packet, free: words([...macs, ...tag, ...free]) };
    };
    yield box(
      [["dl_type", 0x0806n]],
      [...ones(8, "arp_op"), ...ones(32, "arp_spa", "arp_tpa"), ...ones(48, "arp_sha", "arp_tha")],
    );
    for (const [fixed, free] of internetPackets()) yield box(fixed, free);
  }
}

type Kind = readonly [fixed: readonly Part[], free: readonly Part[]];

function* internetPackets(): Generator<Kind> {
  const ports = ones(16, "tp_src", "tp_dst");
  for (const fragment of [0n, 1n, 3n])
    for (const family of [4, 6] as const) {
      const fixed: Part[] = [
        ["dl_type", family === 4 ? 0x0800n : 0x86ddn],
        ["nw_frag", fragment],
      ];
      const free = [
        ...ones(8, "nw_tos", "nw_ttl"),
        ...(family === 4
          ? ones(32, "nw_src", "nw_dst")
          : [...ones(128, "ipv6_src", "ipv6_dst"), ...ones(20, "ipv6_label")]),
      ];
      const icmp = family === 4 ? 1n : 58n;
      const others = (...named: bigint[]) =>
        numbersBut([
          ...named,
          ...(family === 6 ? ipv6Headers : []),
          ...(family === 6 && fragment === 1n ? cutShort : []),
        ]).map(([value, bits]): Kind => [[["nw_proto", value]], [["nw_proto", bits]]]);
      const whole: Kind[] = [
        ...others(6n, 17n, 132n, icmp),
        [[["nw_proto", 6n]], [...ports, ["tcp_flags", 0xfffn]]],
        [[["nw_proto", 17n]], ports],
        [[["nw_proto", 132n]], ports],
        ...messages(family).map(([known, open]): Kind => [[["nw_proto", icmp], ...known], open]),
      ];
      const later: Kind[] = family === 4 ? others() : [[[["nw_proto", 44n]], []]];
      const body = fragment === 3n ? later : whole;
      for (const [known, open] of body)
        yield [
          [...fixed, ...known],
          [...free, ...open],
        ];
    }
}

/** OVS skips extension headers (RFC 8200, RFC 4302), and of a later fragment it sees nothing else. */
const ipv6Headers = [43n, 44n, 51n, 60n];
/** Where it finds nothing behind them, it takes the packet for whole and of protocol 0. */
const cutShort = [0n];

/** OVS looks into solicitations and advertisements with code 0 alone (parse_icmpv6() in lib/flow.c). */
function messages(family: 4 | 6): Kind[] {
  if (family === 4) return [[[], ones(8, "icmp_type", "icmp_code")]];
  const discovery = [135n, 136n];
  return [
    ...numbersBut(discovery).map(
      ([value, bits]): Kind => [
        [["icmpv6_type", value]],
        [["icmpv6_type", bits], ...ones(8, "icmpv6_code")],
      ],
    ),
    ...discovery.flatMap((type): Kind[] => [
      [[["icmpv6_type", type]], [...ones(128, "nd_target"), ...ones(48, "nd_sll", "nd_tll")]],
      ...numbersBut([0n]).map(
        ([value, bits]): Kind => [
          [
            ["icmpv6_type", type],
            ["icmpv6_code", value],
          ],
          [["icmpv6_code", bits]],
        ],
      ),
    ]),
  ];
}

/** All numbers of eight bits but these, as the fewest values with free bits below. */
function numbersBut(excluded: readonly bigint[]): [value: bigint, free: bigint][] {
  const parts = (value: bigint, size: bigint): [bigint, bigint][] => {
    const inside = excluded.filter((one) => one >= value && one < value + size);
    if (inside.length === 0) return [[value, size - 1n]];
    return size === 1n ? [] : [...parts(value, size / 2n), ...parts(value + size / 2n, size / 2n)];
  };
  return parts(0n, 256n);
}

function ones(width: number, ...fields: FieldName[]): Part[] {
  return fields.map((field) => [field, (1n << BigInt(width)) - 1n]);
}

function words(parts: readonly Part[]): Words {
  const made = new Int32Array(wordCount);
  for (const [field, value] of parts) addField(made, field, value);
  return made;
}
