/**
 * The named tables of a rail. A packet only ever goes forward through them; their numbers are their order here. What
 * each is for, and why it stands where it stands, is in README.md beside this file.
 */

import type { Table } from "./compiled-rail.js";
import { comparisonsAfter } from "./own-group.js";
import type { ExactWalk, Pipeline, Walk } from "./rail-tables.js";
import {
  arpStrides,
  commonIpv4Bits,
  ipv4Stages,
  ipv6Strides,
  macStages,
  macStrides,
  ownMacStages,
  type Stages,
  type Strides,
  wide,
} from "./strides.js";

/** OVS keeps table 255 for "all" and 254 for itself (ovs-ofctl(8)). */
export const tableLimit = 254;

/** Throws where the tables do not fit above `base`. */
export function pipelineOf(mode: "routed" | "bridged", base: number): Pipeline {
  return new TableList(mode, base).pipeline();
}

const routed = "routed";
const bridged = "bridged";

class TableList {
  readonly #mode: "routed" | "bridged";
  readonly #base: number;
  readonly #tables: Table[] = [];

  constructor(mode: "routed" | "bridged", base: number) {
    this.#mode = mode;
    this.#base = base;
  }

  pipeline(): Pipeline {
    // the order of these calls is the order of the tables
    const pipeline: Omit<Pipeline, "tables"> = {
      classify: this.#table("classify", "who is speaking, by port"),
      uplinkDestination: this.#table("uplink-destination", "for which endpoint, else for the host"),
      uplinkIpv6Destination: this.#walk("uplink-ipv6-destination", wide(128), "the same"),
      ...this.#uplinkDiscovery(),
      fragments: this.#table("fragments", "only of parties that may send them somewhere"),
      ethernetSource: this.#exact("ethernet-source", macStages, "only the endpoint's own address"),
      etherType: this.#table("ether-type", "ARP, IPv4 and IPv6 part ways"),
      ethernetDestination: this.#walk(
        "ethernet-destination",
        macStrides,
        "only to the gateway; ARP to all, IPv6 to groups",
        routed,
      ),
      arpSenderMac: this.#exact("arp-sender-mac", ownMacStages, "the endpoint's own"),
      arpSender: this.#walk(
        "arp-sender",
        arpStrides,
        "the endpoint's own, or who asks from the fabric",
      ),
      ipv4Source: this.#exact("ipv4-source", ipv4Stages, "only the endpoint's own addresses"),
      uplinkIpv4Source: this.#table("uplink-ipv4-source", "which party the sender is"),
      ipv6Source: this.#walk(
        "ipv6-source",
        ipv6Strides,
        "own addresses; from the uplink, which party",
      ),
      ipv6Kind: this.#table("ipv6-kind", "neighbour discovery apart from the rest"),
      neighbourSourceMac: this.#exact(
        "neighbour-source-mac",
        ownMacStages,
        "the endpoint's own, or none",
      ),
      neighbourRetype: this.#table("neighbour-retype", "to see all of the message", routed),
      unknownMac: this.#exact("unknown-mac", ownMacStages, "who asks does not know it yet", routed),
      arpTarget: this.#walk("arp-target", arpStrides, "a gateway or whom a rule lets meet"),
      arpReply: this.#table("arp-reply", "the bridge answers", routed),
      // a bridged rail sends on what was asked, to where any packet goes; the bridge of a routed rail answers by itself
      ...this.#neighbourTargets(bridged),
      ...this.#services(),
      permit: this.#table("permit", "from the uplink: party, service and endpoint together"),
      ipv4Common: commonIpv4Bits.map((_, step) =>
        this.#table(stepName("ipv4-common", step), "what all that the service may reach share"),
      ),
      ipv4Destination: this.#table(
        "ipv4-destination",
        "where to, among what the service may reach",
      ),
      ipv6Destination: this.#walk(
        "ipv6-destination",
        ipv6Strides,
        "where to, among what the service may reach",
      ),
      ...(this.#mode === routed ? this.#neighbourTargets(routed) : {}),
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

  #uplinkDiscovery(): Pick<Pipeline, "uplinkArpTarget" | "solicited" | "solicitedTarget"> {
    return {
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
    };
  }

  #services(): Pick<
    Pipeline,
    "service" | "udpService" | "tcpService" | "tcpAnswer" | "icmpService"
  > {
    return {
      service: this.#table("service", "which protocol, among those the source may use"),
      udpService: this.#table("udp-service", "which destination port"),
      tcpService: this.#table("tcp-service", "which destination port"),
      tcpAnswer: this.#table("tcp-answer", "else, with ACK, which source port"),
      icmpService: {
        4: this.#table("icmp-service", "which type and code"),
        6: this.#table("icmpv6-service", "which type and code"),
      },
    };
  }

  /** A table of another mode is not declared; whoever goes there has made a mistake, and table 255 is refused by OVS. */
  #table(name: string, purpose: string, mode: string = this.#mode): Table {
    if (mode !== this.#mode) return { name, number: 255, purpose };
    const table = { name, number: this.#base + this.#tables.length, purpose };
    this.#tables.push(table);
    return table;
  }

  #neighbourTargets(
    mode: string,
  ): Pick<
    Pipeline,
    "neighbourTarget" | "neighbourOwnGroup" | "neighbourTargetMac" | "neighbourReply"
  > {
    const comparisons = mode === routed ? comparisonsAfter(ipv6Strides) : [];
    const neighbourOwnGroup: Table[][] = [];
    const tables: Table[] = [];
    let compared = 0;
    for (const [step] of ipv6Strides.entries()) {
      tables.push(
        this.#table(stepName("neighbour-target", step), "a gateway or whom a rule lets meet", mode),
      );
      neighbourOwnGroup.push(
        Array.from({ length: comparisons[step] ?? 0 }, () =>
          this.#table(stepName("neighbour-own-group", compared++), "the target's own group", mode),
        ),
      );
    }
    return {
      neighbourTarget: { strides: ipv6Strides, from: 0, tables },
      neighbourOwnGroup,
      neighbourTargetMac: this.#exact(
        "neighbour-target-mac",
        ownMacStages,
        "the endpoint's own, or none",
        mode === bridged ? mode : "neither",
      ),
      neighbourReply: this.#table(
        "neighbour-reply",
        "the bridge answers",
        mode === routed ? mode : "neither",
      ),
    };
  }

  #walk(name: string, strides: Strides, purpose: string, mode?: string, from = 0): Walk {
    const tables = strides.map((_, step) => this.#table(stepName(name, step), purpose, mode));
    return { strides, from, tables };
  }

  #exact(name: string, stages: Stages, purpose: string, mode?: string): ExactWalk {
    const tables = stages.map((_, step) => this.#table(stepName(name, step), purpose, mode));
    return { stages, tables };
  }
}

function stepName(name: string, step: number): string {
  return `${name}.${String(step).padStart(2, "0")}`;
}
