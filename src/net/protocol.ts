/** IP protocols (IANA protocol numbers) and ICMP types (RFC 792, RFC 4443, RFC 4861) that railfence names. */

export const protocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;

const names = new Map<number, string>(
  Object.entries(protocol).map(([name, number]) => [number, name]),
);

export function protocolName(number: number): string {
  return names.get(number) ?? `protocol ${number}`;
}

/** Protocols whose selector is a destination port. */
export function hasPorts(number: number): boolean {
  return number === protocol.tcp || number === protocol.udp || number === protocol.sctp;
}

/** The UDP port of RoCEv2 (InfiniBand annex A17; IANA `roce`). Acknowledgements travel to it too. */
export const rocePort = 4791;

/** Types of ICMP echo, whose reply belongs to the same connection. */
export const icmpEcho = { request: 8, reply: 0 } as const;
export const icmpv6Echo = { request: 128, reply: 129 } as const;

/**
 * ICMPv6 types of neighbour discovery (RFC 4861). They are not ordinary traffic: no service covers them, they
 * pass where ARP would (solicitation and advertisement) or never (router messages, redirect).
 */
export const neighbourDiscovery = {
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighbourSolicitation: 135,
  neighbourAdvertisement: 136,
  redirect: 137,
} as const;

export function isNeighbourDiscovery(type: number): boolean {
  return type >= 133 && type <= 137;
}
