/** The tables of a rail, by what the parts of the compiler call them, and the registers that they hand on. */

import type { Family } from "../net/address.js";
import type { Table } from "./compiled-rail.js";
import type { Stages, Strides } from "./strides.js";

/** A walk of tables that checks a field a few bits at a time (see walk.ts). */
export interface Walk {
  readonly strides: Strides;
  /** Leading bits that were checked before. */
  readonly from: number;
  readonly tables: readonly Table[];
}

/** The same for a field that has one right value, or very few, whose bits need not come in order. */
export interface ExactWalk {
  readonly stages: Stages;
  readonly tables: readonly Table[];
}

export interface Pipeline {
  readonly tables: readonly Table[];
  readonly classify: Table;
  readonly uplinkDestination: Table;
  readonly uplinkIpv6Destination: Walk;
  readonly uplinkArpTarget: Walk;
  readonly solicited: Table;
  readonly solicitedTarget: Walk;
  readonly fragments: Table;
  readonly ethernetSource: ExactWalk;
  readonly etherType: Table;
  readonly ethernetDestination: Walk;
  readonly arpSenderMac: ExactWalk;
  readonly arpSender: Walk;
  readonly ipv4Source: ExactWalk;
  readonly uplinkIpv4Source: Table;
  readonly ipv6Source: Walk;
  readonly unknownMac: ExactWalk;
  readonly arpTarget: Walk;
  readonly arpReply: Table;
  readonly ipv6Kind: Table;
  readonly neighbourSourceMac: ExactWalk;
  readonly neighbourRetype: Table;
  readonly neighbourTarget: Walk;
  /** By the stride of `neighbourTarget` that they follow: comparisons of the group with the target (see own-group.ts). */
  readonly neighbourOwnGroup: readonly (readonly Table[])[];
  readonly neighbourTargetMac: ExactWalk;
  readonly neighbourReply: Table;
  readonly service: Table;
  readonly udpService: Table;
  readonly tcpService: Table;
  readonly tcpAnswer: Table;
  readonly icmpService: Readonly<Record<Family, Table>>;
  readonly permit: Table;
  /** By the bits of `commonIpv4Bits`. */
  readonly ipv4Common: readonly Table[];
  readonly ipv4Destination: Table;
  readonly ipv6Destination: Walk;
  readonly lateAnswer: Table;
  readonly meet: Table;
  readonly forward: Table;
}

/** Register 0 is the source's party, 1 its service class, 2 the output. Cleared by OVS before the datapath: free. */
export const register = { source: 0, service: 1, output: 2, spare: 3 } as const;
