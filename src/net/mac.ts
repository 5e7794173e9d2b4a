/** Ethernet addresses as 48-bit unsigned integers. */

export type Mac = bigint;

export const broadcastMac: Mac = 0xffffffffffffn;

/** Six colon-separated octets, any case; undefined for anything else. */
export function parseMac(text: string): Mac | undefined {
  return /^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/.test(text)
    ? BigInt(`0x${text.replaceAll(":", "")}`)
    : undefined;
}

/** Lower case, as OVS prints it. */
export function printMac(mac: Mac): string {
  return (mac.toString(16).padStart(12, "0").match(/../g) ?? []).join(":");
}

/** The group bit (IEEE 802, section 8.2): no station may have such an address of its own. */
export function isGroupMac(mac: Mac): boolean {
  return ((mac >> 40n) & 1n) === 1n;
}
