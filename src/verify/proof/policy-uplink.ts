/** What the policy says of packets that come from the fabric: see policy/decide.ts, the reference. */

import type { Family } from "../../net/address.js";
import type { FieldName } from "../../openflow/field.js";
import type { Endpoint } from "../../policy/inventory.js";
import { addressField } from "./address-classes.js";
import { everything, type Node, nothing, terminalOf } from "./diagram.js";
import { type Fence, valuesOf } from "./fence.js";
import { dropped } from "./outcome.js";
import type { PacketKindName } from "./packet-kind.js";
import type { PolicyOutcomes } from "./policy-outcomes.js";
import { discoveryMessages, solicitedNode } from "./policy-pod.js";

const drop = terminalOf(dropped);

export class PolicyOfUplink {
  readonly #fence: Fence;
  readonly #outcomes: PolicyOutcomes;
  readonly #known = new Map<string, Node>();

  constructor(fence: Fence, outcomes: PolicyOutcomes) {
    this.#fence = fence;
    this.#outcomes = outcomes;
  }

  outcomes(kind: PacketKindName): Node {
    const { sets } = this.#fence;
    const untagged = sets.masked("vlan_tci", 0n, 0x1000n);
    return sets.operations.choose(untagged, this.#untagged(kind), this.#host());
  }

  #host(): Node {
    return terminalOf(this.#outcomes.toHost());
  }

  #untagged(kind: PacketKindName): Node {
    const { isRouted } = this.#fence;
    switch (kind) {
      case "other":
        return this.#host();
      case "arp":
        return isRouted
          ? this.#host()
          : this.#byOwner("arp_tpa", 4, this.#host(), (one) => this.#introduced(one, "arp_spa", 4));
      case "solicitation":
      case "advertisement":
        return this.#discovery(kind);
      case "ipv4":
        return this.#internet(4);
      case "ipv6": {
        const message = this.#byOwner("ipv6_dst", 6, this.#host(), () => drop);
        const { sets } = this.#fence;
        return sets.operations.choose(discoveryMessages(sets), message, this.#internet(6));
      }
    }
  }

  #discovery(kind: "solicitation" | "advertisement"): Node {
    const { sets, isRouted, locals } = this.#fence;
    if (isRouted) return this.#byOwner("ipv6_dst", 6, this.#host(), () => drop);
    const introduced = (one: Endpoint) => this.#introduced(one, "ipv6_src", 6);
    if (kind === "advertisement") return this.#byOwner("ipv6_dst", 6, this.#host(), introduced);
    const groups = new Set(locals.flatMap((one) => valuesOf(one, 6).map(solicitedNode)));
    const asked = this.#byOwner("nd_target", 6, this.#host(), introduced);
    const toGroup = sets.operations.choose(
      sets.oneOf("ipv6_dst", [...groups]),
      asked,
      this.#host(),
    );
    return this.#byOwner("ipv6_dst", 6, toGroup, introduced);
  }

  #internet(family: Family): Node {
    const { sets, classes, isRouted } = this.#fence;
    const { operations } = sets;
    const destination = addressField("destination", family);
    const reached = this.#byOwner(destination, family, this.#host(), (endpoint) => {
      const delivered = terminalOf(this.#outcomes.delivery(endpoint));
      return operations.choose(this.#senders(endpoint, family), delivered, drop);
    });
    const isLocal = sets.oneOf(
      destination,
      this.#fence.locals.flatMap((one) => valuesOf(one, family)),
    );
    const never = sets.and(isLocal, classes.never(destination, family));
    const passing = operations.choose(never, drop, reached);
    if (!isRouted) return passing;
    const toBridge = sets.equal("dl_dst", this.#fence.bridgeMac());
    return operations.choose(toBridge, passing, operations.choose(isLocal, drop, this.#host()));
  }

  /** Whose packets, and which of them, may come to the endpoint. */
  #senders(endpoint: Endpoint, family: Family): Node {
    const { sets, classes, packets, nodeRail } = this.#fence;
    const own = classes.ofEndpoint(endpoint);
    return this.#once(`senders ${own.id} ${family}`, () => {
      // the sender's own node has checked the source: it is enough that somebody might have sent this
      if (nodeRail.uplinkSource === "trust")
        return classes
          .present(family)
          .map((one) => packets.between(one, own, family))
          .reduce((one, other) => sets.operations.or(one, other), nothing);
      const field = addressField("source", family);
      const senders = classes.map(field, family, (one) => packets.between(one, own, family));
      return sets.operations.without(senders, classes.never(field, family));
    });
  }

  /** To the endpoint, from a gateway or whom some rule lets it meet: those may know its link-layer address. */
  #introduced(endpoint: Endpoint, field: FieldName, family: Family): Node {
    const { sets, classes, connections, nodeRail } = this.#fence;
    const delivered = terminalOf(this.#outcomes.unchangedTo(this.#fence.portOf(endpoint)));
    if (nodeRail.uplinkSource === "trust") return delivered;
    const own = classes.ofEndpoint(endpoint);
    const welcome = this.#once(`welcome ${own.id} ${field}`, () => {
      const met = classes.map(field, family, (one) =>
        connections.meet(one, own, family) ? everything : nothing,
      );
      const { operations } = sets;
      const meeting = operations.without(met, classes.never(field, family));
      return operations.or(sets.oneOf(field, this.#fence.gateways(family)), meeting);
    });
    return sets.operations.choose(welcome, delivered, drop);
  }

  /** By which endpoint of this node the address is. Endpoints are few: one choice for each. */
  #byOwner(
    field: FieldName,
    family: Family,
    otherwise: Node,
    resultOf: (endpoint: Endpoint) => Node,
  ): Node {
    const { sets, locals } = this.#fence;
    let result = otherwise;
    for (const endpoint of locals) {
      const own = sets.oneOf(field, valuesOf(endpoint, family));
      if (own !== nothing) result = sets.operations.choose(own, resultOf(endpoint), result);
    }
    return result;
  }

  #once(key: string, make: () => Node): Node {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }
}
