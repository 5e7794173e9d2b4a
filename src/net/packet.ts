/** Ethernet frames as values: what a policy decides about, what tables are evaluated on, what a test sends. */

import type { Address } from "./address.js";
import type { Mac } from "./mac.js";

export interface Frame {
  readonly source: Mac;
  readonly destination: Mac;
  /** An 802.1Q tag, where there is one. */
  readonly vlan?: number;
  readonly body: Body;
}

export type Body = ArpBody | IpBody | OtherBody;

export interface ArpBody {
  readonly kind: "arp";
  readonly operation: number;
  readonly senderMac: Mac;
  /** IPv4, as is `targetAddress`. */
  readonly senderAddress: Address;
  readonly targetMac: Mac;
  readonly targetAddress: Address;
}

export interface IpBody {
  readonly kind: "ip";
  /** Of the same family. */
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: number;
  readonly fragment: "no" | "first" | "later";
  readonly timeToLive: number;
  readonly typeOfService: number;
  /** What follows the IP header; absent for a later fragment, which carries none, and for other protocols. */
  readonly transport?: Transport;
}

export type Transport =
  | {
      readonly kind: "ports";
      readonly source: number;
      readonly destination: number;
      readonly tcpFlags?: number;
    }
  | {
      readonly kind: "icmp";
      readonly type: number;
      readonly code: number;
      readonly neighbour?: Neighbour;
    };

/** The body of a neighbour solicitation or advertisement (RFC 4861, sections 4.3 and 4.4). */
export interface Neighbour {
  readonly target: Address;
  readonly sourceLinkLayer?: Mac;
  readonly targetLinkLayer?: Mac;
}

export interface OtherBody {
  readonly kind: "other";
  readonly etherType: number;
}

/** TCP's ACK flag (RFC 9293, section 3.1). */
export const tcpAck = 0x10;
