/** What the policy says of packets that come from an endpoint of the node: see policy/decide.ts, the reference. */

import type { Family } from "../../net/address.js";
import { broadcastMac } from "../../net/mac.js";
import { protocol } from "../../net/protocol.js";
import type { Endpoint } from "../../policy/inventory.js";
import { type AddressClass, addressField } from "./address-classes.js";
import { everything, type Node, nothing, terminalOf } from "./diagram.js";
import { type Fence, valuesOf } from "./fence.js";
import { dropped } from "./outcome.js";
import type { PacketKindName } from "./packet-kind.js";
import type { PolicyOutcomes } from "./policy-outcomes.js";

const drop = terminalOf(dropped);

export class PolicyOfPods {
  readonly #fence: Fence;
  readonly #outcomes: PolicyOutcomes;
  /** By class and family: endpoints of one class differ in their own addresses alone. */
  readonly #reach = new Map<string, Node>();

  constructor(fence: Fence, outcomes: PolicyOutcomes) {
    this.#fence = fence;
    this.#outcomes = outcomes;
  }

  outcomes(endpoint: Endpoint, kind: PacketKindName): Node {
    const { sets } = this.#fence;
    if (kind === "other") return drop;
    const untagged = sets.masked("vlan_tci", 0n, 0x1000n);
    const own = sets.and(untagged, sets.equal("dl_src", endpoint.mac ?? 0n));
    return sets.operations.choose(own, this.#spoken(endpoint, kind), drop);
  }

  #spoken(endpoint: Endpoint, kind: PacketKindName): Node {
    switch (kind) {
      case "arp":
        return this.#arp(endpoint);
      case "solicitation":
        return this.#solicitation(endpoint);
      case "advertisement":
        return this.#advertisement(endpoint);
      case "ipv4":
        return this.#internet(endpoint, 4);
      case "ipv6":
        return withoutDiscovery(this.#fence, this.#internet(endpoint, 6));
      case "other":
        return drop;
    }
  }

  #internet(endpoint: Endpoint, family: Family): Node {
    const { sets, classes, isRouted } = this.#fence;
    const { operations } = sets;
    const source = addressField("source", family);
    const destination = addressField("destination", family);
    const own = valuesOf(endpoint, family);
    const isOwn = operations.without(sets.oneOf(source, own), classes.never(source, family));
    const toGateway = isRouted ? sets.equal("dl_dst", this.#fence.bridgeMac()) : everything;
    const refused = operations.or(sets.oneOf(destination, own), classes.never(destination, family));
    const reach = operations.choose(refused, drop, this.#reachOf(endpoint, family));
    return operations.choose(sets.and(isOwn, toGateway), reach, drop);
  }

  /** To whom, and then which packets. */
  #reachOf(endpoint: Endpoint, family: Family): Node {
    const { sets, classes, packets } = this.#fence;
    const own = classes.ofEndpoint(endpoint);
    const key = `${own.id} ${family}`;
    const known = this.#reach.get(key);
    if (known !== undefined) return known;
    const passing = (to: AddressClass) => packets.between(own, to, family);
    const reach = classes.map(addressField("destination", family), family, (one, owner) => {
      const set = passing(one);
      if (set === nothing) return drop;
      return sets.operations.choose(set, terminalOf(this.#outcomes.delivery(owner)), drop);
    });
    this.#reach.set(key, reach);
    return reach;
  }

  #arp(endpoint: Endpoint): Node {
    const { sets, isRouted } = this.#fence;
    const speaksForItself = sets.and(
      sets.oneOf("arp_spa", valuesOf(endpoint, 4)),
      sets.equal("arp_sha", endpoint.mac ?? 0n),
    );
    if (!isRouted)
      return sets.operations.choose(speaksForItself, this.#targets(endpoint, "arp_tpa", 4), drop);
    const targets = this.#fence.neighboursOf(endpoint, 4).map(({ value }) => value);
    const asked = sets.allOf(
      speaksForItself,
      sets.oneOf("arp_tpa", targets),
      sets.equal("arp_op", 1n),
      sets.oneOf("dl_dst", [broadcastMac, this.#fence.bridgeMac()]),
      sets.oneOf("arp_tha", [0n, broadcastMac]),
    );
    return sets.operations.choose(asked, terminalOf(this.#outcomes.arpAnswer(endpoint)), drop);
  }

  #solicitation(endpoint: Endpoint): Node {
    const { sets, isRouted } = this.#fence;
    const speaksForItself = sets.and(
      sets.oneOf("ipv6_src", valuesOf(endpoint, 6)),
      sets.oneOf("nd_sll", [0n, endpoint.mac ?? 0n]),
    );
    if (!isRouted)
      return sets.operations.choose(speaksForItself, this.#targets(endpoint, "nd_target", 6), drop);
    const asked = sets.allOf(
      speaksForItself,
      sets.equal("nd_tll", 0n),
      this.#wellAddressed(endpoint),
    );
    const answer = terminalOf(this.#outcomes.neighbourAnswer(endpoint));
    return sets.operations.choose(asked, answer, drop);
  }

  /** To the solicited-node group of the target; a gateway may also be asked itself (RFC 4861, section 7.3.3). */
  #wellAddressed(endpoint: Endpoint): Node {
    const { sets } = this.#fence;
    const masks = [
      ["dl_dst", (1n << 48n) - 1n],
      ["ipv6_dst", (1n << 128n) - 1n],
      ["nd_target", (1n << 128n) - 1n],
    ] as const;
    const targets = this.#fence.neighboursOf(endpoint, 6).map(({ value }) => value);
    const gateways = new Set(this.#fence.gateways(6));
    const group = targets.map((target) => ({
      values: [groupMac(target), solicitedNode(target), target],
      result: everything,
    }));
    const itself = targets
      .filter((target) => gateways.has(target) && solicitedNode(target) !== target)
      .map((target) => ({
        values: [this.#fence.bridgeMac(), target, target],
        result: everything,
      }));
    return sets.table(masks, [...group, ...itself], nothing);
  }

  #advertisement(endpoint: Endpoint): Node {
    const { sets, isRouted } = this.#fence;
    if (isRouted) return drop;
    const own = valuesOf(endpoint, 6);
    const speaksForItself = sets.allOf(
      sets.oneOf("ipv6_src", own),
      sets.oneOf("nd_target", own),
      sets.oneOf("nd_tll", [0n, endpoint.mac ?? 0n]),
    );
    return sets.operations.choose(speaksForItself, this.#targets(endpoint, "ipv6_dst", 6), drop);
  }

  #targets(endpoint: Endpoint, field: "arp_tpa" | "nd_target" | "ipv6_dst", family: Family): Node {
    const rows = this.#fence.neighboursOf(endpoint, family).map(({ value, port }) => ({
      values: [value],
      result: terminalOf(this.#outcomes.unchangedTo(port)),
    }));
    const full = (1n << (family === 4 ? 32n : 128n)) - 1n;
    return this.#fence.sets.table([[field, full]], rows, drop);
  }
}

/** Router messages, redirects and any code but 0 are no business of pods: no service covers types 133 to 137. */
function withoutDiscovery({ sets }: Fence, internet: Node): Node {
  return sets.operations.choose(discoveryMessages(sets), drop, internet);
}

export function discoveryMessages(sets: Fence["sets"]): Node {
  return sets.allOf(
    sets.equal("nw_frag", 0n),
    sets.equal("nw_proto", BigInt(protocol.icmpv6)),
    sets.range("icmpv6_type", 133n, 137n),
  );
}

/** RFC 4291, section 2.7.1. */
export function solicitedNode(target: bigint): bigint {
  return (0xff02n << 112n) | (0x1ffn << 24n) | (target & 0xffffffn);
}

/** RFC 2464, section 7. */
function groupMac(target: bigint): bigint {
  return 0x3333ff000000n | (target & 0xffffffn);
}
