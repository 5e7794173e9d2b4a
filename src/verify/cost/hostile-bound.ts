/**
 * How many megaflows and masks all packets that may come in at a port can make, whoever sends them: the tables are
 * walked with classes of packets. Ways to miss within a lookup add up, those of lookups that do not depend on each
 * other multiply. What is behind a table is counted once for all who come there alike.
 */

import type { ClassifiedTables } from "../../datapath/unwildcard/classified-tables.js";
import { addField, type Words, wordCount, wordOf } from "../../datapath/unwildcard/flow-words.js";
import type { Rule } from "../../datapath/unwildcard/subtable.js";
import { applyActions } from "./class-actions.js";
import { lookUpClass } from "./class-lookup.js";
import { MaskTally } from "./mask-tally.js";
import { type Exclusion, type PacketClass, valuesOf } from "./packet-class.js";
import { type ReachableBits, reachableBitsOf } from "./reachable-bits.js";

export interface HostileBound {
  readonly megaflows: number;
  readonly masks: number;
  /** Of each EtherType that no flow names, of which there are over 65,000: no flow can bound them. */
  readonly perOtherEtherType: number;
}

/** More ways than this through one rail's tables, and there is no telling in reasonable time. */
const mostVisits = 2_000_000;

export class HostileModel {
  readonly #tables: ClassifiedTables;
  readonly #reachable: ReadonlyMap<number, ReachableBits> | undefined;
  readonly #known = new Map<string, MaskTally>();
  readonly #etherTypes: readonly number[];
  readonly #other: number;
  #visits = 0;

  constructor(tables: ClassifiedTables) {
    this.#tables = tables;
    this.#reachable = reachableBitsOf(tables);
    const named = new Set([0x0800, 0x86dd, 0x0806]);
    for (const { subtables } of tables.byNumber.values())
      for (const { mask, rules } of subtables)
        if (mask[wordOf.etherType] !== 0)
          for (const { words } of rules) named.add(words[wordOf.etherType] as number);
    this.#etherTypes = [...named];
    // an EtherType for experiments (IEEE 802), or the next that no flow names
    let other = 0x88b5;
    while (named.has(other)) other++;
    this.#other = other;
  }

  /** Undefined where the tables hold what the model does not follow, or are too entangled. */
  boundOf(inPort: number, firstTable = 0): HostileBound | undefined {
    const first = this.#tables.byNumber.has(firstTable) ? firstTable : undefined;
    if (this.#reachable === undefined || first === undefined) return undefined;
    const all = new MaskTally();
    const others = new MaskTally();
    try {
      for (const start of startsOf(inPort, this.#etherTypes)) this.#behind(first, start, all);
      for (const start of startsOf(inPort, [this.#other])) this.#behind(first, start, others);
    } catch (error) {
      if (error instanceof TooManyWays) return undefined;
      throw error;
    }
    return {
      megaflows: Math.ceil(all.megaflows),
      masks: all.masks,
      perOtherEtherType: Math.ceil(others.megaflows),
    };
  }

  #countAt(table: number, from: PacketClass): MaskTally {
    const tally = new MaskTally();
    const classifier = this.#tables.byNumber.get(table);
    const end = (left: PacketClass) =>
      tally.add(left.looked, valuesOf(left.looked, left.fixed, left.exclusions));
    if (classifier === undefined) {
      end(from);
      return tally;
    }
    const ways: [PacketClass, Rule | undefined][] = [];
    lookUpClass(classifier, from, (left, rule) => {
      if (++this.#visits > mostVisits) throw new TooManyWays();
      ways.push([left, rule]);
    });
    for (const [left, rule] of ways) {
      const { after, next } = applyActions(left, rule?.flow.actions ?? []);
      if (next === undefined) end(after);
      else this.#behind(next, after, tally);
    }
    return tally;
  }

  /** Adds what comes of the class from that table on, found before for another class that is alike from there on. */
  #behind(table: number, from: PacketClass, tally: MaskTally): void {
    const bits = this.#reachable?.get(table);
    const { rest, done, factor } = bits === undefined ? settleAll(from) : settle(from, bits);
    const key = keyOf(table, rest);
    let counted = this.#known.get(key);
    if (counted === undefined) {
      counted = this.#countAt(table, rest);
      this.#known.set(key, counted);
    }
    tally.addAll(counted, done, factor);
  }
}

class TooManyWays extends Error {}

/** Untagged and tagged, and of IP whole packets, first and later fragments. */
function* startsOf(inPort: number, etherTypes: readonly number[]): Generator<PacketClass> {
  for (const etherType of etherTypes) {
    const isIp = etherType === 0x0800 || etherType === 0x86dd;
    for (const fragment of isIp ? [0, 1, 3] : [0])
      for (const isTagged of [false, true]) yield startOf(inPort, etherType, fragment, isTagged);
  }
}

function startOf(
  inPort: number,
  etherType: number,
  fragment: number,
  isTagged: boolean,
): PacketClass {
  const [known, value, looked, fixed, written] = Array.from(
    { length: 5 },
    () => new Int32Array(wordCount),
  ) as [Words, Words, Words, Words, Words];
  // registers begin at zero
  known.fill(-1, 0, wordOf.etherType);
  for (const field of ["dl_src", "dl_dst"] as const) {
    const open = new Int32Array(wordCount);
    addField(open, field, (1n << 48n) - 1n);
    for (let word = 0; word < wordCount; word++)
      known[word] = (known[word] as number) & ~(open[word] as number);
  }
  value[wordOf.inPort] = inPort;
  known[wordOf.etherType] = -1;
  value[wordOf.etherType] = etherType;
  known[wordOf.vlan] = isTagged ? 0x1000 : -1;
  value[wordOf.vlan] = isTagged ? 0x1000 : 0;
  known[wordOf.internet] = 0xff000000 | 0;
  value[wordOf.internet] = fragment << 24;
  fixed.set(known);
  if (fragment !== 0) {
    // no lookup sees a fragment's ports, though the first fragment has them
    known[wordOf.ports] = -1;
    if (fragment === 3) fixed[wordOf.ports] = -1;
  }
  looked[wordOf.inPort] = -1;
  addField(looked, "dl_type", 0xffffn);
  if (etherType === 0x0800 || etherType === 0x86dd) addField(looked, "nw_frag", 3n);
  return { known, value, looked, fixed, written, exclusions: [] };
}

interface Settled {
  readonly rest: PacketClass;
  readonly done: Words;
  readonly factor: number;
}

/** Parts the class: what no table from here on looks at is done, and counted. */
function settle(from: PacketClass, { matched, touched }: ReachableBits): Settled {
  const only = (words: Words, mask: Words) =>
    words.map((bits, word) => bits & (mask[word] as number));
  const done = from.looked.map((bits, word) => bits & ~(touched[word] as number));
  const isDone = ({ words, masks }: Exclusion) =>
    words.every((word, at) => ((masks[at] as number) & (touched[word] as number)) === 0);
  const isLeft = ({ words, masks }: Exclusion) =>
    words.every((word, at) => ((masks[at] as number) & ~(touched[word] as number)) === 0);
  const known = only(from.known, matched);
  return {
    rest: {
      known,
      value: only(from.value, known),
      looked: only(from.looked, touched),
      fixed: only(from.fixed, touched),
      written: only(from.written, touched),
      exclusions: from.exclusions.filter(isLeft),
    },
    done,
    factor: valuesOf(done, from.fixed, from.exclusions.filter(isDone)),
  };
}

function settleAll(from: PacketClass): Settled {
  return { rest: from, done: new Int32Array(wordCount), factor: 1 };
}

function keyOf(table: number, { known, value, looked, fixed, written, exclusions }: PacketClass) {
  const excluded = exclusions
    .map(
      ({ words, masks, values }) =>
        `${words.join()}/${masks.join()}!${values
          .map((each) => each.join(":"))
          .sort()
          .join(";")}`,
    )
    .sort();
  return `${table}|${known.join()}|${value.join()}|${looked.join()}|${fixed.join()}|${written.join()}|${excluded.join("|")}`;
}
