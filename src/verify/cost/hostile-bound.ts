/**
 * How many megaflows and masks all packets that may come in at a port can make, whoever sends them: the tables are
 * walked with classes of packets. Ways to miss within a lookup add up, those of lookups that do not depend on each
 * other multiply. What is behind a table is counted once for all who come there alike.
 *
 * Packets of two classes were parted by some bit that was looked at, so they share no megaflow: the sum is no bound
 * alone, it is how many there are. Where the classes are parted by more than the datapath sees, it says so.
 */

import type { ClassifiedTables } from "../../datapath/unwildcard/classified-tables.js";
import { addField, type Words, wordCount, wordOf } from "../../datapath/unwildcard/flow-words.js";
import type { Rule } from "../../datapath/unwildcard/subtable.js";
import type { Mac } from "../../net/mac.js";
import { applyActions } from "./class-actions.js";
import { lookUpClass } from "./class-lookup.js";
import { MaskTally } from "./mask-tally.js";
import type { Exclusion, PacketClass } from "./packet-class.js";
import { areFollowed, ReachableBits } from "./reachable-bits.js";
import { keyOf, settle } from "./settle-class.js";
import { type Count, valuesOf } from "./value-count.js";

export interface HostileBound {
  readonly megaflows: number;
  readonly masks: number;
  /** There are packets that make as many; else it is a bound only. */
  readonly isExact: boolean;
  /** Some megaflow shows all of the source MAC: a value unchecked until then makes one for each of its 2^48. */
  readonly showsSourceMac: boolean;
  /** Of each EtherType that no flow names, of which there are over 65,000: no flow can bound them. */
  readonly perOtherEtherType: number;
}

/** More ways than this through one rail's tables, and there is no telling in reasonable time. */
const mostVisits = 400_000;
/** Nor in reasonable memory: masks remembered, some hundred bytes each. */
const mostKept = 1_000_000;

export class HostileModel {
  readonly #tables: ClassifiedTables;
  readonly #reachable: ReachableBits | undefined;
  readonly #known = new Map<string, MaskTally>();
  readonly #etherTypes: readonly number[];
  readonly #other: number;
  #visits = 0;
  #kept = 0;

  constructor(tables: ClassifiedTables) {
    this.#tables = tables;
    this.#reachable = areFollowed(tables) ? new ReachableBits(tables) : undefined;
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

  /** Of all source MACs, or one alone; undefined where the model does not follow, or too entangled. */
  boundOf(inPort: number, sourceMac?: Mac): HostileBound | undefined {
    const first = 0;
    if (this.#reachable === undefined || !this.#tables.byNumber.has(first)) return undefined;
    this.#visits = 0;
    const all = new MaskTally();
    const others = new MaskTally();
    try {
      for (const start of startsOf(inPort, this.#etherTypes, sourceMac))
        this.#behind(first, start, all);
      for (const start of startsOf(inPort, [this.#other], sourceMac))
        this.#behind(first, start, others);
    } catch (error) {
      this.#known.clear();
      this.#kept = 0;
      if (error instanceof TooManyWays) return undefined;
      throw error;
    }
    return {
      megaflows: Math.ceil(all.megaflows),
      masks: all.masks,
      perOtherEtherType: Math.ceil(others.megaflows),
      isExact: all.isExact && others.isExact,
      showsSourceMac: all.shows("dl_src") || others.shows("dl_src"),
    };
  }

  #countAt(table: number, from: PacketClass): MaskTally {
    const tally = new MaskTally();
    const classifier = this.#tables.byNumber.get(table);
    const end = (left: PacketClass) => tally.add(left.looked, countOf(left));
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
    const bits = (this.#reachable as ReachableBits).behind(table, from);
    const { rest, done, times } = settle(from, bits);
    const key = keyOf(table, rest, bits.words);
    let counted = this.#known.get(key);
    if (counted === undefined) {
      counted = this.#countAt(table, rest);
      this.#known.set(key, counted);
      this.#kept += counted.masks;
      if (this.#kept > mostKept) throw new TooManyWays();
    }
    tally.addAll(counted, done, times);
  }
}

class TooManyWays extends Error {}

const ipv6Fragment = 44;
/** Extension headers (RFC 8200, RFC 4302) are skipped; where there is nothing behind them, the protocol is 0. */
const ipv6Headers = [[43], [ipv6Fragment], [51], [60]] as const;

/** Untagged and tagged, and of IP whole packets, first and later fragments. */
function* startsOf(
  inPort: number,
  etherTypes: readonly number[],
  sourceMac: Mac | undefined,
): Generator<PacketClass> {
  for (const etherType of etherTypes) {
    const isIp = etherType === 0x0800 || etherType === 0x86dd;
    for (const fragment of isIp ? [0, 1, 3] : [0])
      for (const isTagged of [false, true])
        yield startOf(inPort, etherType, fragment, isTagged, sourceMac);
  }
}

function startOf(
  inPort: number,
  etherType: number,
  fragment: number,
  isTagged: boolean,
  sourceMac: Mac | undefined,
): PacketClass {
  const [known, value, looked, fixed, written] = Array.from(
    { length: 5 },
    () => new Int32Array(wordCount),
  ) as [Words, Words, Words, Words, Words];
  // registers begin at zero
  known.fill(-1, 0, wordOf.etherType);
  for (const field of ["dl_src", "dl_dst"] as const) {
    if (field === "dl_src" && sourceMac !== undefined) {
      addField(value, field, sourceMac);
      continue;
    }
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
  const exclusions: Exclusion[] = [];
  if (etherType === 0x86dd && fragment === 3) {
    // no lookup sees what a later fragment holds (parse_ipv6_ext_hdrs__() in lib/flow.c)
    known[wordOf.internet] = 0xff0000ff | 0;
    value[wordOf.internet] = (fragment << 24) | ipv6Fragment;
    fixed[wordOf.internet] = known[wordOf.internet] as number;
  } else if (etherType === 0x86dd)
    exclusions.push({ words: [wordOf.internet], masks: [0xff], values: ipv6Headers });
  looked[wordOf.inPort] = -1;
  addField(looked, "dl_type", 0xffffn);
  if (etherType === 0x0800 || etherType === 0x86dd) addField(looked, "nw_frag", 3n);
  return { known, value, looked, fixed, written, exclusions, isRough: false };
}

function countOf({ looked, fixed, exclusions, isRough }: PacketClass): Count {
  const { values, isExact } = valuesOf(looked, fixed, exclusions);
  return { values, isExact: isExact && !isRough };
}
