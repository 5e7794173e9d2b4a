/** IPv4 and IPv6 addresses as unsigned integers, read strictly and printed as OVS prints them. */

export type Family = 4 | 6;

export interface Address {
  readonly family: Family;
  /** Unsigned, 32 or 128 bits. */
  readonly value: bigint;
}

/** Bits of an address of that family. */
export function widthOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** Dotted quad (no leading zeros) or any RFC 4291 text form of IPv6; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  if (text.includes(":")) {
    const value = parseIpv6(text);
    return value === undefined ? undefined : { family: 6, value };
  }
  const value = parseIpv4(text);
  return value === undefined ? undefined : { family: 4, value: BigInt(value) };
}

/** RFC 5952 for IPv6, which is also what inet_ntop(3), and so OVS, prints. */
export function printAddress(address: Address): string {
  return address.family === 4 ? printIpv4(Number(address.value)) : printIpv6(address.value);
}

export function isSameAddress(one: Address, other: Address): boolean {
  return one.family === other.family && one.value === other.value;
}

/** IPv4 before IPv6, then by value: a total order for output that never depends on input order. */
export function compareAddresses(one: Address, other: Address): number {
  if (one.family !== other.family) return one.family - other.family;
  return one.value < other.value ? -1 : one.value > other.value ? 1 : 0;
}

function parseIpv4(text: string): number | undefined {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let octets = 1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 46) {
      if (digits === 0 || octets === 4) return undefined;
      value = value * 256 + octet;
      octet = 0;
      digits = 0;
      octets++;
    } else if (code >= 48 && code <= 57) {
      // a leading zero would be octal to inet_aton(3) and decimal to others
      if (digits > 0 && octet === 0) return undefined;
      octet = octet * 10 + code - 48;
      digits++;
      if (octet > 255) return undefined;
    } else return undefined;
  }
  return octets === 4 && digits > 0 ? value * 256 + octet : undefined;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? "", true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  let value = 0n;
  for (const group of [
    ...head,
    ...Array<number>(halves.length === 2 ? missing : 0).fill(0),
    ...tail,
  ])
    value = (value << 16n) | BigInt(group);
  return value;
}

function groupsOf(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && part.includes(".")) {
      const value = parseIpv4(part);
      if (value === undefined) return undefined;
      groups.push(value >>> 16, value & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function printIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

function printIpv6(value: bigint): string {
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((value >> shift) & 0xffffn));
  const zeros = longestRunOfZeros(groups);
  // inet_ntop(3) writes ::a.b.c.d and ::ffff:a.b.c.d with a dotted quad (glibc, musl alike)
  if (zeros.first === 0 && (zeros.length === 6 || (zeros.length === 5 && groups[5] === 0xffff))) {
    const low = printIpv4(Number(value & 0xffffffffn));
    return zeros.length === 6 ? `::${low}` : `::ffff:${low}`;
  }
  if (zeros.length < 2) return groups.map((group) => group.toString(16)).join(":");
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(":");
  return `${hex(groups.slice(0, zeros.first))}::${hex(groups.slice(zeros.first + zeros.length))}`;
}

function longestRunOfZeros(groups: readonly number[]): { first: number; length: number } {
  let best = { first: 0, length: 0 };
  for (let first = 0; first < groups.length; first++) {
    let length = 0;
    while (groups[first + length] === 0) length++;
    if (length > best.length) best = { first, length };
  }
  return best;
}
