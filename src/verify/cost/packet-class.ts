/**
 * A class of packets on its way through the tables: which bits are known, which were looked at, and of those that were
 * looked at without being known, which values are left. How many megaflows a class makes is how many values its
 * looked-at bits can have.
 */

import { wordOf } from "../../datapath/unwildcard/flow-words.js";
import type { ClassWords } from "./class-words.js";
import { bitsIn } from "./value-count.js";

export interface PacketClass {
  /** Of the packet as it is now: bits that are known, and their values (zero elsewhere). */
  readonly known: ClassWords;
  readonly value: ClassWords;
  /** Of the packet as it came: bits that were looked at, and bits that have one value only. */
  readonly looked: ClassWords;
  readonly fixed: ClassWords;
  /** Bits that an action wrote: what is learned of them says nothing about the packet as it came. */
  readonly written: ClassWords;
  readonly exclusions: readonly Exclusion[];
  /** Whether another class may have packets of the same megaflows, or none of its own: then a count is a bound only. */
  readonly isRough: boolean;
}

/** Under these bits, which are looked at and not fixed, a packet of the class has none of the values. */
export interface Exclusion {
  readonly words: readonly number[];
  readonly masks: readonly number[];
  /** Each as long as `words`. */
  readonly values: readonly (readonly number[])[];
}

/** The class in which those bits have that value, as a lookup found; undefined if there is no such packet. */
export function learn(
  from: PacketClass,
  words: readonly number[],
  masks: readonly number[],
  values: readonly number[],
): PacketClass | undefined {
  const left = assume(from, words, masks, values);
  return left === undefined || left === from ? left : roughened(left, from, words, masks);
}

/** The same where it follows from what is known already. */
export function assume(
  from: PacketClass,
  words: readonly number[],
  masks: readonly number[],
  values: readonly number[],
): PacketClass | undefined {
  let isNew = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as number;
    const mask = masks[at] as number;
    const both = mask & (from.known[word] as number);
    if ((((values[at] as number) ^ (from.value[word] as number)) & both) !== 0) return undefined;
    if (both !== mask) isNew = true;
  }
  if (!isNew) return from;
  const known = from.known.slice();
  const value = from.value.slice();
  const fixed = from.fixed.slice();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as number;
    const mask = masks[at] as number;
    known[word] = (known[word] as number) | mask;
    value[word] = (value[word] as number) | ((values[at] as number) & mask);
    fixed[word] = (fixed[word] as number) | (mask & ~(from.written[word] as number));
  }
  const exclusions: Exclusion[] = [];
  for (const one of from.exclusions) {
    const left = narrow(one, fixed, value);
    if (left === "contradiction") return undefined;
    if (left !== undefined) exclusions.push(left);
  }
  return { ...from, known, value, fixed, exclusions };
}

/** A lookup parted packets by bits that the megaflow does not show, or by a copy of bits that it does. */
function roughened(
  left: PacketClass,
  from: PacketClass,
  words: readonly number[],
  masks: readonly number[],
): PacketClass {
  const isPartedUnseen = words.some((word, at) => {
    const told = (masks[at] as number) & ~(from.known[word] as number);
    const shown =
      word < wordOf.inPort || word > wordOf.ports ? 0 : visible(from, word, told) & told;
    return (told & ~shown) !== 0 || (told & (from.written[word] as number)) !== 0;
  });
  return isPartedUnseen ? rough(left) : left;
}

export function rough(from: PacketClass): PacketClass {
  return from.isRough ? from : { ...from, isRough: true };
}

/** What an exclusion still says once more bits are fixed. */
function narrow(
  one: Exclusion,
  fixed: ClassWords,
  value: ClassWords,
): Exclusion | "contradiction" | undefined {
  const { words, masks, values } = one;
  if (words.every((word, at) => ((masks[at] as number) & (fixed[word] as number)) === 0))
    return one;
  const still = values.filter((each) =>
    words.every((word, at) => {
      const overlap = (masks[at] as number) & (fixed[word] as number);
      return (((each[at] as number) ^ (value[word] as number)) & overlap) === 0;
    }),
  );
  if (still.length === 0) return undefined;
  const left = words.map((word, at) => (masks[at] as number) & ~(fixed[word] as number));
  if (left.every((mask) => mask === 0)) return "contradiction";
  const kept = [...words.keys()].filter((at) => left[at] !== 0);
  return {
    words: kept.map((at) => words[at] as number),
    masks: kept.map((at) => left[at] as number),
    values: still.map((each) => kept.map((at) => (each[at] as number) & (left[at] as number))),
  };
}

/**
 * The classes in which those bits have none of the values. Where only few are left, each is a class of its own: what
 * is looked at next may then build on it.
 */
export function exclude(
  from: PacketClass,
  words: readonly number[],
  masks: readonly number[],
  values: readonly (readonly number[])[],
): PacketClass[] {
  const unknown = words.map((word, at) => (masks[at] as number) & ~(from.known[word] as number));
  const kept = [...words.keys()].filter((at) => unknown[at] !== 0);
  if (kept.length === 0) return values.length > 0 ? [] : [from];
  if (values.length === 0) return [from];
  const mask = kept.map((at) => unknown[at] as number);
  const place = kept.map((at) => words[at] as number);
  // a written bit that is not known is a copy of another: nothing is learned of it
  if (place.some((word, at) => ((mask[at] as number) & (from.written[word] as number)) !== 0))
    return [rough(from)];
  const same = from.exclusions.find(
    (one) => one.words.join() === place.join() && one.masks.join() === mask.join(),
  );
  const excluded = new Map((same?.values ?? []).map((each) => [each.join(), each] as const));
  for (const each of values) {
    const projected = kept.map((at) => (each[at] as number) & (unknown[at] as number));
    excluded.set(projected.join(), projected);
  }
  const bits = bitsIn(mask);
  const left = 2 ** bits - excluded.size;
  const others = from.exclusions.filter((each) => each !== same);
  const rest = { ...from, exclusions: others };
  if (left <= fewValues && bits <= 2 * fewBits)
    return valuesUnder(mask)
      .filter((each) => !excluded.has(each.join()))
      .map((each) => learn(rest, place, mask, each))
      .filter((each) => each !== undefined);
  const exclusion = { words: place, masks: mask, values: [...excluded.values()] };
  return [roughened({ ...from, exclusions: [...others, exclusion] }, from, place, mask)];
}

const fewBits = 4;
const fewValues = 2 ** fewBits / 2;

/** Every value that those bits can have. */
function valuesUnder(masks: readonly number[]): number[][] {
  let found: number[][] = [masks.map(() => 0)];
  for (const [at, mask] of masks.entries())
    for (let bits = mask; bits !== 0; ) {
      const bit = bits & -bits;
      bits &= ~bit;
      found = found.flatMap((each) => [each, each.with(at, (each[at] as number) | bit)]);
    }
  return found;
}

/** Adds bits to what was looked at; the datapath matches neither registers nor what the packet does not have. */
export function look(
  from: PacketClass,
  words: readonly number[],
  masks: readonly number[],
): PacketClass {
  let looked: ClassWords | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as number;
    // the kernel's datapath has no key for what follows the ports
    if (word < wordOf.inPort || word > wordOf.ports) continue;
    const mask = visible(from, word, masks[at] as number);
    if ((mask & ~(from.looked[word] as number)) === 0) continue;
    looked ??= from.looked.slice();
    looked[word] = (looked[word] as number) | mask;
  }
  return looked === undefined ? from : { ...from, looked };
}

const vlanPresent = 0x1000;
const tcpFlagsWord = 43;

/** As in `finished` of datapath/unwildcard/finish.ts, bit by bit. */
function visible({ value }: PacketClass, word: number, mask: number): number {
  if (word === wordOf.vlan)
    return ((value[word] as number) & vlanPresent) === 0 ? 0 : mask | vlanPresent;
  const internet = value[wordOf.internet] as number;
  // there it holds the type of the first option of a solicitation, which the kernel's datapath cannot see either
  if (word === tcpFlagsWord) return (internet & 0xff) === 6 ? mask : 0;
  if (word !== wordOf.ports) return mask;
  if ((internet & (2 << 24)) !== 0) return 0;
  const upper = internet & 0xff;
  const type = value[wordOf.etherType];
  const isIcmp = (type === 0x0800 && upper === 1) || (type === 0x86dd && upper === 58);
  return isIcmp ? mask & 0x00ff00ff : mask;
}
