/**
 * How many megaflows and masks all packets that may come in at a port can make, whoever sends them: the tables are
 * walked with classes of packets. Ways to miss within a lookup add up, those of lookups that do not depend on each
 * other multiply. What is behind a table is counted once for all who come there alike.
 *
 * Packets of two classes were parted by some bit that was looked at, so they share no megaflow: the sum is no bound
 * alone, it is how many there are. Where the classes are parted by more than the datapath sees, it says so.
 */

import type { ClassifiedTables } from "../../datapath/unwildcard/classified-tables.js";
import { addField, wordCount, wordOf } from "../../datapath/unwildcard/flow-words.js";
import type { Mac } from "../../net/mac.js";
import { ClassWalk, TooManyWays } from "./class-walk.js";
import { noWords } from "./class-words.js";
import type { MaskTally } from "./mask-tally.js";
import type { Exclusion, PacketClass } from "./packet-class.js";
import { areFollowed } from "./reachable-bits.js";

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

export class HostileModel {
  readonly #tables: ClassifiedTables;
  #walk: ClassWalk | undefined;
  readonly #etherTypes: readonly number[];
  readonly #other: number;

  constructor(tables: ClassifiedTables) {
    this.#tables = tables;
    this.#walk = areFollowed(tables) ? new ClassWalk(tables) : undefined;
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
    if (this.#walk === undefined || !this.#tables.byNumber.has(first)) return undefined;
    const starts = (types: readonly number[]) => startsOf(inPort, types, sourceMac);
    let all: MaskTally;
    let others: MaskTally;
    try {
      all = this.#walk.countFrom(first, starts(this.#etherTypes));
      others = this.#walk.countFrom(first, starts([this.#other]));
    } catch (error) {
      if (!(error instanceof TooManyWays)) throw error;
      // what it remembers is too much to keep
      this.#walk = new ClassWalk(this.#tables);
      return undefined;
    }
    return {
      megaflows: Math.ceil(all.megaflows),
      masks: all.masks,
      perOtherEtherType: Math.ceil(others.megaflows),
      isExact: all.isExact && others.isExact,
      showsSourceMac: all.shows("dl_src") || others.shows("dl_src"),
    };
  }
}

const ipv6Fragment = 44;
/** Extension headers (RFC 8200, RFC 4302) are skipped; where there is nothing behind them, the protocol is 0. */
const ipv6Headers = [[43], [ipv6Fragment], [51], [60]] as const;
/** Then no fragment header is taken for one either (miniflow_extract() in lib/flow.c). */
const behindFirst = [[0], ...ipv6Headers] as const;

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
  const known = noWords();
  const value = noWords();
  const looked = noWords();
  // registers begin at zero
  known.fill(-1, 0, wordOf.etherType);
  for (const field of ["dl_src", "dl_dst"] as const) {
    if (field === "dl_src" && sourceMac !== undefined) {
      addField(value, field, sourceMac);
      continue;
    }
    const open = noWords();
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
  const fixed = known.slice();
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
    exclusions.push({
      words: [wordOf.internet],
      masks: [0xff],
      values: fragment === 0 ? ipv6Headers : behindFirst,
    });
  looked[wordOf.inPort] = -1;
  addField(looked, "dl_type", 0xffffn);
  if (etherType === 0x0800 || etherType === 0x86dd) addField(looked, "nw_frag", 3n);
  return { known, value, looked, fixed, written: noWords(), exclusions, isRough: false };
}
