/**
 * The one name that a megaflow and its tc filter share. Open vSwitch stores the 16 bytes of the ufid as the cookie of
 * the filter's actions (lib/netdev-offload-tc.c); it prints the ufid as four 32-bit numbers, tc prints the bytes as they
 * lie in memory, which on a little-endian machine is each number from its lowest byte:
 *
 *     ufid   aabbccdd-eeff-0011-2233-445566778899
 *     cookie ddccbbaa 1100ffee 55443322 99887766
 */

export function cookieOfUfid(ufid: string): string {
  return reverseWords(ufid.replaceAll("-", "").toLowerCase());
}

function reverseWords(digits: string): string {
  return digits.replace(/.{8}/g, (word) => (word.match(/../g) ?? []).reverse().join(""));
}
