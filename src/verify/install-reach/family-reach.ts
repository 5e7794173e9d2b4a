/** The connections of one IP family that the packets of a port open, by who has the addresses. */

import type { Family } from "../../net/address.js";
import { tcpAck } from "../../net/packet.js";
import { icmpEcho, icmpv6Echo, protocol } from "../../net/protocol.js";
import { type AddressClass, addressField } from "../proof/address-classes.js";
import { isTerminal, type Node, nothing, terminalOf } from "../proof/diagram.js";
import { type Fence, type FencedPort, valuesOf } from "../proof/fence.js";
import { carePackets } from "../proof/packet-kind.js";
import { discoveryMessages } from "../proof/policy-pod.js";
import { prefixesIn } from "./prefixes-in.js";
import type { ReachChange, ReachedSide } from "./reach-change.js";
import { levelsOf, serviceFields, trafficIn } from "./services-in.js";

export class FamilyReach {
  readonly #fence: Fence;
  readonly #family: Family;
  readonly #beginning: Node;
  readonly #services: ReadonlySet<number>;

  constructor(fence: Fence, family: Family) {
    this.#fence = fence;
    this.#family = family;
    this.#beginning = beginningPackets(fence, family);
    this.#services = new Set(serviceFields(family).flatMap(levelsOf));
  }

  /** Of packets that were delivered, and that are. */
  changes({ from }: FencedPort, was: Node, is: Node): ReachChange[] {
    if (from === "host") return [];
    const { operations } = this.#fence.sets;
    const locals = from === "uplink" ? this.#fence.locals : [from];
    const near = addressField(from === "uplink" ? "destination" : "source", this.#family);
    const far = addressField(from === "uplink" ? "source" : "destination", this.#family);
    const levels = new Set([...levelsOf(far), ...this.#services]);
    return locals.flatMap((local) => {
      const own = this.#fence.sets.oneOf(near, valuesOf(local, this.#family));
      const itself = this.#fence.sets.oneOf(far, valuesOf(local, this.#family));
      const sent =
        from === "uplink"
          ? own
          : operations.and(own, this.#fence.sets.equal("dl_src", local.mac ?? 0n));
      const asked = operations.and(sent, this.#beginning);
      const [before, after] = [was, is].map((one) =>
        this.#project(operations.and(one, asked), levels),
      ) as [Node, Node];
      const here = sideOf(this.#fence.classes.ofEndpoint(local));
      const of = (way: ReachChange["way"], connections: Node): ReachChange[] =>
        this.#split(connections, far, itself).map(({ side, services }) => ({
          way,
          family: this.#family,
          opener: from === "uplink" ? side : here,
          answerer: from === "uplink" ? here : side,
          traffic: trafficIn(
            operations.diagrams,
            (node, kept) => this.#project(node, kept),
            services,
            this.#family,
          ),
        }));
      return [
        ...of("opens", operations.without(after, before)),
        ...of("closes", operations.without(before, after)),
      ];
    });
  }

  /** Addresses stand before services in a diagram: those that lead to the same services belong together. */
  #split(
    connections: Node,
    field: ReturnType<typeof addressField>,
    itself: Node,
  ): { readonly side: ReachedSide; readonly services: Node }[] {
    const { operations } = this.#fence.sets;
    const { diagrams } = operations;
    const isAddress = new Set(levelsOf(field));
    const ends: Node[] = [];
    const numbers = new Map<Node, number>();
    const known = new Map<Node, Node>();
    const visit = (at: Node): Node => {
      if (at === nothing) return nothing;
      if (isTerminal(at) || !isAddress.has(diagrams.levelOf(at))) {
        const number = numbers.get(at) ?? ends.push(at);
        numbers.set(at, number);
        return terminalOf(number);
      }
      const seen = known.get(at);
      if (seen !== undefined) return seen;
      const made = diagrams.node(
        diagrams.levelOf(at),
        visit(diagrams.lowOf(at)),
        visit(diagrams.highOf(at)),
      );
      known.set(at, made);
      return made;
    };
    const byAddress = visit(connections);
    const classes = new Map<number, AddressClass>();
    const ofClass = this.#fence.classes.map(field, this.#family, (one) => {
      classes.set(one.id, one);
      return terminalOf(one.id + 1);
    });
    const never = this.#fence.classes.never(field, this.#family);
    return ends.flatMap((services, index) => {
      const addresses = operations.whereValue(byAddress, index + 1);
      return [...classes.values()].flatMap((one) => {
        const members = operations.without(operations.whereValue(ofClass, one.id + 1), never);
        const held = operations.and(addresses, members);
        if (held === nothing) return [];
        // nobody talks to itself: that address may be missing
        const isWhole = operations.without(operations.without(members, held), itself) === nothing;
        const prefixes = prefixesIn(diagrams, held, levelsOf(field), this.#family);
        const side = sideOf(one);
        return [{ services, side: isWhole ? side : { ...side, addresses: prefixes } }];
      });
    });
  }

  /** Existence: without the other bits. */
  #project(node: Node, kept: ReadonlySet<number>): Node {
    const { operations } = this.#fence.sets;
    const { diagrams } = operations;
    const known = new Map<Node, Node>();
    const visit = (at: Node): Node => {
      if (isTerminal(at)) return at;
      const seen = known.get(at);
      if (seen !== undefined) return seen;
      const low = visit(diagrams.lowOf(at));
      const high = visit(diagrams.highOf(at));
      const level = diagrams.levelOf(at);
      const made = kept.has(level) ? diagrams.node(level, low, high) : operations.or(low, high);
      known.set(at, made);
      return made;
    };
    return visit(node);
  }
}

/** Untagged, whole, to the bridge where it is a hop, and no answer. */
function beginningPackets(fence: Fence, family: Family): Node {
  const { sets } = fence;
  const { operations } = sets;
  const icmp = family === 4 ? protocol.icmp : protocol.icmpv6;
  const reply = (family === 4 ? icmpEcho : icmpv6Echo).reply;
  const answers = operations.or(
    sets.allOf(
      sets.equal("nw_proto", BigInt(protocol.tcp)),
      sets.masked("tcp_flags", BigInt(tcpAck), BigInt(tcpAck)),
    ),
    sets.allOf(
      sets.equal("nw_proto", BigInt(icmp)),
      sets.equal(family === 4 ? "icmp_type" : "icmpv6_type", BigInt(reply)),
    ),
  );
  const beginning = sets.allOf(
    carePackets(sets, family === 4 ? "ipv4" : "ipv6"),
    sets.masked("vlan_tci", 0n, 0x1000n),
    sets.equal("nw_frag", 0n),
    ...(fence.isRouted ? [sets.equal("dl_dst", fence.bridgeMac())] : []),
  );
  const discovery = family === 6 ? discoveryMessages(sets) : nothing;
  return operations.without(beginning, operations.or(answers, discovery));
}

function sideOf({ tenant, namespace, stands }: AddressClass): ReachedSide {
  return {
    ...(tenant === undefined ? {} : { tenant }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(stands === undefined ? {} : { stands }),
  };
}
