/**
 * How wide the strides are in which a field is checked. A wrong value stops at its first wrong stride: a stride of k bits
 * is one mask and at most 2^k - 1 megaflows. No layout does better: two values that are wrong in different bits share no
 * megaflow that a right one is not in, so n bits take n megaflows, in as many masks; wider strides trade masks for megaflows.
 *
 * Addresses are given out from their low end: whoever takes another's differs there. So an address that can be one alone
 * is looked at from its low end, and most wrong ones stop at once.
 */

/** Widths in bits, from the top. */
export type Strides = readonly number[];

/** Bits of a field that are checked by the end of each stride, the last of them all. */
export type Stages = readonly bigint[];

export function evenStrides(bits: number, width: number): Strides {
  return Array.from({ length: bits / width }, () => width);
}

/** From the low end; a width for each stride. */
export function lowFirst(strides: Strides): Stages {
  return endsOf(strides).map((end) => (1n << BigInt(end)) - 1n);
}

const bitsOf = (count: number, width: number): Strides =>
  Array.from({ length: count }, () => width);

/** An Ethernet address is checked for IPv4, IPv6 and ARP apart, so in few masks: 504 megaflows each, in 8. */
export const macStages: Stages = lowFirst(bitsOf(8, 6));

/** The same from the top, where a stride ends after 24 bits, as the prefix of solicited-node groups does. */
export const macStrides: Strides = [5, 5, 5, 5, 4, 5, 5, 5, 5, 4];

/** Inside ARP or discovery, where there is one EtherType to count: 375 in 9. */
export const ownMacStages: Stages = lowFirst([...bitsOf(6, 5), 6, 6, 6]);

export const ipv4Stages: Stages = lowFirst([6, 6, 6, 7, 7]);

/**
 * The low 96 bits first, then the others from the top: ovs-ofctl 3.1 cannot read a mask of IPv6 that begins with a digit
 * (it takes `/7fff::` for a length of 7), as those of 97 to 112 low bits do.
 */
export const ipv6Stages: Stages = [
  ...lowFirst(bitsOf(16, 6)),
  ...endsOf([6, 5, 5, 6, 5, 5]).map((end) => topBits(end) | ((1n << 96n) - 1n)),
];

/** Wide where addresses of a rail are mostly one prefix, narrow where they part. */
export const arpStrides: Strides = [5, 5, 6, 4, 4, 4, 4];

/**
 * Bits that all IPv4 destinations of a service share, from the deepest, as [first, end) from the top: one mask each where
 * OVS's trie makes one for every bit. Bits that are no prefix have no trie, so the first bit is left to it.
 */
export const commonIpv4Bits: readonly (readonly [first: number, end: number])[] = [
  [20, 24],
  [16, 20],
  [11, 16],
  [6, 11],
  [1, 6],
];

function topBits(count: number): bigint {
  return (1n << 128n) - (1n << BigInt(128 - count));
}

/**
 * Strides end where prefixes do, at every 16 bits, then at every 4: where they did not, a prefix would be looked at beyond
 * its end, and be as many megaflows as there are values of what is beyond.
 */
export const ipv6Strides: Strides = [
  ...[6, 5, 5, 6, 5, 5, 6, 5, 5, 6, 5, 5],
  ...evenStrides(64, 4),
];

/** Where many values are right, every gap between them is a megaflow: narrow ones make few, wide ones few masks. */
export function narrow(bits: number): Strides {
  return evenStrides(bits, 4);
}

/** For each neighbour one, and for frames that never reach the eSwitch (flower has no key for them): few flows. */
export function wide(bits: number): Strides {
  return evenStrides(bits, 8);
}

/** How many leading bits each stride leaves checked. */
export function endsOf(strides: Strides, from = 0): number[] {
  let length = from;
  return strides.map((width) => {
    length += width;
    return length;
  });
}
