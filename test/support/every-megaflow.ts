/**
 * The strongest attacker there is: every packet is built to make a megaflow that no packet before it made. One is
 * translated, and for each bit that it was looked at, in the order of looking, those are sent that differ there first.
 * Concrete packets alone: nothing of the classes that `verify/cost/hostile-bound.ts` counts with.
 */

import {
  addField,
  type Words,
  wordCount,
  wordOf,
} from "../../src/datapath/unwildcard/flow-words.js";
import { type Translation, Translator } from "../../src/datapath/unwildcard/translation.js";
import type { FieldName } from "../../src/openflow/field.js";
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

/**
 * Untagged and tagged IPv4, IPv6 and ARP of all kinds. In turn of the mask that they branch off from, so that a few
 * packets see many masks; each of a megaflow that was not seen, or seen only under bits that lead elsewhere.
 */
export function* everyMegaflow({ tables }: RailModel, inPort: number): Generator<Crafted> {
  const translator = new Translator(tables);
  const byMask = new Map<string, Box[]>([["", [...startsOf(inPort)]]]);
  while (byMask.size > 0)
    for (const [mask, waiting] of byMask) {
      const box = waiting.pop();
      if (box === undefined) {
        byMask.delete(mask);
        continue;
      }
      const translation = translator.translate(box.packet);
      const parts = [...translator.lookedBefore().slice(1), translation.looked];
      const key = translation.looked.join();
      const others = byMask.get(key) ?? [];
      split(box, parts, others);
      if (others.length > 0) byMask.set(key, others);
      yield { packet: box.packet, translation };
    }
}

function split({ packet, free }: Box, parts: readonly Words[], into: Box[]): void {
  const left = free.slice();
  for (const looked of parts)
    for (let word = 0; word < wordCount; word++)
      for (let bits = (left[word] as number) & (looked[word] as number); bits !== 0; ) {
        const bit = 1 << (31 - Math.clz32(bits));
        bits &= ~bit;
        left[word] = (left[word] as number) & ~bit;
        const other = packet.slice();
        other[word] = (other[word] as number) ^ bit;
        into.push({ packet: other, free: left.slice() });
      }
}

function* startsOf(inPort: number): Generator<Box> {
  for (const isTagged of [true, false]) {
    const tag: Part[] = isTagged ? [["vlan_tci", 0xefffn]] : [];
    const box = (fixed: readonly Part[], free: readonly Part[]): Box => {
      const packet = words([...(isTagged ? ([["vlan_tci", 0x1000n]] as const) : []), ...fixed]);
      packet[wordOf.inPort] = inPort;
      return { packet, free: words([...ones(48, "dl_src", "dl_dst"), ...tag, ...free]) };
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
      const body: Kind[] =
        fragment === 3n
          ? numbersBut([]).map(([value, bits]) => [[["nw_proto", value]], [["nw_proto", bits]]])
          : [
              ...numbersBut([6n, 17n, 132n, icmp]).map(
                ([value, bits]): Kind => [[["nw_proto", value]], [["nw_proto", bits]]],
              ),
              [[["nw_proto", 6n]], [...ports, ["tcp_flags", 0xfffn]]],
              [[["nw_proto", 17n]], ports],
              [[["nw_proto", 132n]], ports],
              ...messages(family).map(
                ([known, open]): Kind => [[["nw_proto", icmp], ...known], open],
              ),
            ];
      for (const [known, open] of body)
        yield [
          [...fixed, ...known],
          [...free, ...open],
        ];
    }
}

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
