/**
 * The named tables of a rail. A packet only ever goes forward through them; their numbers are their order here. What
 * each is for, and why it stands where it stands, is in README.md beside this file.
 */

import type { Family } from "../net/address.js";
import type { Table } from "./compiled-rail.js";
import { comparisonsAfter } from "./own-group.js";
import { macStrides, narrow, ownIpv6Strides, type Strides, wide } from "./strides.js";

/** A walk of tables that checks a field a few bits at a time (see walk.ts). */
export interface Walk {
  readonly strides: Strides;
  /** Leading bits that were checked before. */
  readonly from: number;
  readonly tables: readonly Table[];
}

/** OVS keeps table 255 for "all" and 254 for itself (ovs-ofctl(8)). */
export const tableLimit = 254;

/** Throws where the tables do not fit above `base`. */
export function pipelineOf(mode: "routed" | "bridged", base: number): Pipeline {
  return new TableList(mode, base).pipeline();
}

export interface Pipeline {
  readonly tables: readonly Table[];
  readonly classify: Table;
  readonly uplinkDestination: Table;
  readonly uplinkIpv6Destination: Walk;
  readonly uplinkArpTarget: Walk;
  readonly solicited: Table;
  readonly solicitedTarget: Walk;
  readonly ethernetSource: Walk;
  readonly etherType: Table;
  readonly arpDestination: Table;
  readonly arpSenderMac: Walk;
  readonly arpSender: Walk;
  readonly ipv4Source: Walk;
  readonly uplinkIpv4Source: Table;
  readonly ipv6Source: Walk;
  readonly ethernetDestination: Table;
  readonly arpTargetMac: Table;
  readonly arpTarget: Walk;
  readonly arpReply: Table;
  readonly ipv6Kind: Table;
  readonly neighbourSourceMac: Walk;
  readonly neighbourRetype: Table;
  readonly neighbourNoTarget: Table;
  readonly neighbourGroup: Table;
  readonly neighbourGateway: Table;
  readonly neighbourTarget: Walk;
  /** By the stride of `neighbourTarget` that they follow: comparisons of the group with the target (see own-group.ts). */
  readonly neighbourOwnGroup: readonly (readonly Table[])[];
  readonly neighbourTargetMac: Walk;
  readonly neighbourReply: Table;
  readonly service: Table;
  readonly udpService: Table;
  readonly tcpService: Table;
  readonly tcpAnswer: Table;
  readonly icmpService: Readonly<Record<Family, Table>>;
  readonly permit: Table;
  readonly ipv4Destination: Table;
  readonly ipv6Destination: Walk;
  readonly lateAnswer: Table;
  readonly meet: Table;
  readonly forward: Table;
}

class TableList {
  readonly #mode: "routed" | "bridged";
  readonly #base: number;
  readonly #tables: Table[] = [];

  constructor(mode: "routed" | "bridged", base: number) {
    this.#mode = mode;
    this.#base = base;
  }

  pipeline(): Pipeline {
    const routed = "routed";
    const bridged = "bridged";
    // the order of these calls is the order of the tables
    const pipeline: Omit<Pipeline, "tables"> = {
      classify: this.#table("classify", "who is speaking, by port"),
      uplinkDestination: this.#table("uplink-destination", "for which endpoint, else for the host"),
      uplinkIpv6Destination: this.#walk("uplink-ipv6-destination", wide(128), "the same"),
      uplinkArpTarget: this.#walk(
        "uplink-arp-target",
        wide(32),
        "which endpoint is asked for",
        bridged,
      ),
      solicited: this.#table("solicited", "solicitations to a group of endpoints", bridged),
      solicitedTarget: this.#walk(
        "solicited-target",
        wide(128),
        "which endpoint is asked for",
        bridged,
      ),
      ethernetSource: this.#walk(
        "ethernet-source",
        macStrides,
        "only from the endpoint's own address",
      ),
      etherType: this.#table("ether-type", "ARP, IPv4 and IPv6 part ways"),
      arpDestination: this.#table("arp-destination", "only to the gateway or to all", routed),
      arpSenderMac: this.#walk("arp-sender-mac", macStrides, "the endpoint's own"),
      arpSender: this.#walk(
        "arp-sender",
        narrow(32),
        "the endpoint's own, or who asks from the fabric",
      ),
      ipv4Source: this.#walk("ipv4-source", narrow(32), "only the endpoint's own addresses"),
      uplinkIpv4Source: this.#table("uplink-ipv4-source", "which party the sender is"),
      ipv6Source: this.#walk(
        "ipv6-source",
        ownIpv6Strides,
        "own addresses; from the uplink, which party",
      ),
      ethernetDestination: this.#table("ethernet-destination", "only to the gateway", routed),
      arpTargetMac: this.#table("arp-target-mac", "not known yet: zeros or ones", routed),
      arpTarget: this.#walk("arp-target", narrow(32), "a gateway or whom a rule lets meet"),
      arpReply: this.#table("arp-reply", "the bridge answers", routed),
      ipv6Kind: this.#table("ipv6-kind", "neighbour discovery apart from the rest"),
      neighbourSourceMac: this.#walk(
        "neighbour-source-mac",
        macStrides,
        "the endpoint's own, or none",
      ),
      neighbourRetype: this.#table("neighbour-retype", "to see all of the message", routed),
      neighbourNoTarget: this.#table(
        "neighbour-no-target",
        "no address may stand there yet",
        routed,
      ),
      neighbourGroup: this.#table("neighbour-group", "sent to a solicited-node group", routed),
      neighbourGateway: this.#table("neighbour-gateway", "or to a gateway itself", routed),
      ...this.#neighbourTargets(),
      neighbourTargetMac: this.#walk(
        "neighbour-target-mac",
        macStrides,
        "the endpoint's own, or none",
        bridged,
      ),
      neighbourReply: this.#table("neighbour-reply", "the bridge answers", routed),
      service: this.#table("service", "which protocol, among those the source may use"),
      udpService: this.#table("udp-service", "which destination port"),
      tcpService: this.#table("tcp-service", "which destination port"),
      tcpAnswer: this.#table("tcp-answer", "else, with ACK, which source port"),
      icmpService: {
        4: this.#table("icmp-service", "which type and code"),
        6: this.#table("icmpv6-service", "which type and code"),
      },
      permit: this.#table("permit", "from the uplink: party, service and endpoint together"),
      ipv4Destination: this.#table(
        "ipv4-destination",
        "where to, among what the service may reach",
      ),
      ipv6Destination: this.#walk(
        "ipv6-destination",
        narrow(128),
        "where to, among what the service may reach",
      ),
      lateAnswer: this.#table("late-answer", "where only answers of TCP may go: which source port"),
      meet: this.#table(
        "meet",
        "from the uplink: who may ask for whose link-layer address",
        bridged,
      ),
      forward: this.#table("forward", "rewrite and output"),
    };
    const last = this.#tables.at(-1) as Table;
    if (last.number >= tableLimit)
      throw new RangeError(
        `a ${this.#mode} rail takes ${this.#tables.length} tables; above ${this.#base} only ${tableLimit - this.#base} are left`,
      );
    return { tables: this.#tables, ...pipeline };
  }

  /** A table of another mode is not declared; whoever goes there has made a mistake, and table 255 is refused by OVS. */
  #table(name: string, purpose: string, mode: string = this.#mode): Table {
    if (mode !== this.#mode) return { name, number: 255, purpose };
    const table = { name, number: this.#base + this.#tables.length, purpose };
    this.#tables.push(table);
    return table;
  }

  #neighbourTargets(): Pick<Pipeline, "neighbourTarget" | "neighbourOwnGroup"> {
    const strides = narrow(128);
    const comparisons = this.#mode === "routed" ? comparisonsAfter(strides) : [];
    const neighbourOwnGroup: Table[][] = [];
    const tables: Table[] = [];
    let compared = 0;
    for (const [step] of strides.entries()) {
      tables.push(
        this.#table(stepName("neighbour-target", step), "a gateway or whom a rule lets meet"),
      );
      neighbourOwnGroup.push(
        Array.from({ length: comparisons[step] ?? 0 }, () =>
          this.#table(stepName("neighbour-own-group", compared++), "the target's own group"),
        ),
      );
    }
    return { neighbourTarget: { strides, from: 0, tables }, neighbourOwnGroup };
  }

  #walk(name: string, strides: Strides, purpose: string, mode?: string, from = 0): Walk {
    const tables = strides.map((_, step) => this.#table(stepName(name, step), purpose, mode));
    return { strides, from, tables };
  }
}

function stepName(name: string, step: number): string {
  return `${name}.${String(step).padStart(2, "0")}`;
}

/** Register 0 is the source's party, 1 its service class, 2 the output. Cleared by OVS before the datapath: free. */
export const register = { source: 0, service: 1, output: 2, spare: 3 } as const;
