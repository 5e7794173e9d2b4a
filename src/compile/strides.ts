/**
 * How wide the strides are in which a field is checked. A wrong value stops at its first wrong stride: a stride of k bits
 * is one mask and at most 2^k - 1 megaflows. No layout does better: two values that are wrong in different bits share no
 * megaflow that a right one is not in, so n bits take n megaflows, in as many masks; wider strides trade masks for megaflows.
 */

/** Widths in bits, from the top. */
export type Strides = readonly number[];

export function evenStrides(bits: number, width: number): Strides {
  return Array.from({ length: bits / width }, () => width);
}

/**
 * An Ethernet address is checked for IPv4, IPv6 and ARP apart: 229 megaflows each, within the 800 that a port may make
 * of one field, in 11 masks. A stride ends after 24 bits, where the prefix of solicited-node groups does.
 */
export const macStrides: Strides = [5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4];

/** 740 megaflows in 28 masks. Strides end where prefixes do: at every 16 bits, then at every 4. */
export const ownIpv6Strides: Strides = [
  ...[5, 5, 6, 5, 5, 6, 5, 5, 6, 5, 5, 6],
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
