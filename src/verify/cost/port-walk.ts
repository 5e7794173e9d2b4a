/** The last stage of a subtable with ports, for a class of packets: which rule, or which bits prove that there is none. */

import { wordOf } from "../../datapath/unwildcard/flow-words.js";
import { prefixOnes } from "../../datapath/unwildcard/looked-bits.js";
import type { PrefixTrie } from "../../datapath/unwildcard/prefix-trie.js";
import type { Rule, Subtable } from "../../datapath/unwildcard/subtable.js";
import { learn, type PacketClass } from "./packet-class.js";

/** `rules` are those that match everything but the ports. */
export function walkPorts(
  subtable: Subtable,
  from: PacketClass,
  rules: readonly Rule[],
  miss: (left: PacketClass, bits: number) => void,
  hit: (left: PacketClass, rule: Rule) => void,
): void {
  const trie = subtable.ports as PrefixTrie;
  const mask = subtable.mask[wordOf.ports] as number;
  const known = (from.known[wordOf.ports] as number) & mask;
  const value = from.value[wordOf.ports] as number;
  const byPorts = new Map<number, Rule>();
  for (const rule of rules) {
    const ports = rule.words[wordOf.ports] as number;
    const other = byPorts.get(ports);
    if (other === undefined || other.priority < rule.priority) byPorts.set(ports, rule);
  }
  const endAt = (ports: number, depth: number, isFull: boolean) => {
    const bits = mask & prefixOnes(depth);
    const left = learn(from, [wordOf.ports], [bits], [ports & bits]);
    if (left === undefined) return;
    const rule = isFull ? byPorts.get(ports & mask) : undefined;
    if (rule === undefined) miss(left, bits);
    else hit(left, rule);
  };
  const walk = (node: number, depth: number, ports: number): void => {
    const left = trie.child(node, false);
    const right = trie.child(node, true);
    if (left === undefined && right === undefined) {
      endAt(ports, depth, true);
      return;
    }
    const ones = 1 << (31 - depth);
    for (const bit of [0, ones]) {
      // bits that the subtable does not match count as zero
      if ((mask & ones) === 0 && bit !== 0) continue;
      if ((known & ones) !== 0 && (value & ones) !== bit) continue;
      const child = bit === 0 ? left : right;
      if (child === undefined) endAt(ports | bit, depth + 1, false);
      else walk(child, depth + 1, ports | bit);
    }
  };
  walk(0, 0, 0);
}
