/**
 * What installed tables let pass that the policy does not, and the other way round, as sets that can be cut with
 * addresses and services: so `plan` can say which tenants gain and lose what before anything is installed.
 */

import { type Family, widthOf } from "../../net/address.js";
import type { AddressSet } from "../../net/address-set.js";
import { prefixesOf } from "../../net/address-set.js";
import { maskOf } from "../../net/prefix.js";
import { controllerPort } from "../../openflow/match.js";
import { addressField } from "./address-classes.js";
import type { Comparison, ProofInput } from "./comparison.js";
import { isUnknown } from "./comparison.js";
import { everything, type Node, nothing } from "./diagram.js";
import type { FencedPort } from "./fence.js";
import type { HeaderSets } from "./header-sets.js";
import type { OutcomeId } from "./outcome.js";
import { RailProver } from "./rail-prover.js";

/** IP packets from one port that only one of the sides lets pass. */
export interface ReachChange {
  /** `gained`: what the policy lets pass and the tables do not; `lost`: the other way round. */
  readonly kind: "gained" | "lost" | "unknown";
  readonly port: FencedPort;
  readonly family: Family;
  readonly packets: Node;
}

export class ReachabilityDifference {
  readonly changes: readonly ReachChange[];
  readonly #sets: HeaderSets;

  constructor({ fence, walks, differences }: Comparison) {
    this.#sets = fence.sets;
    this.changes = differences.flatMap((difference): ReachChange[] => {
      const { kind: packets, policy, tables } = difference;
      const family = packets === "ipv4" ? 4 : packets === "ipv6" ? 6 : undefined;
      if (family === undefined) return [];
      // what strangers send is in neither side's hands
      if (difference.port.from === "stranger") return [];
      const one = { port: difference.port, family, packets: difference.packetsOf() } as const;
      if (isUnknown(difference)) return [{ ...one, kind: "unknown" }];
      // a copy for a controller is none that passes
      const passes = (id: OutcomeId) =>
        walks
          .get(packets)
          ?.outcomes.sentIn(id)
          .some(({ port }) => port !== controllerPort) === true;
      if (passes(tables) === passes(policy)) return [];
      return [{ ...one, kind: passes(policy) ? "gained" : "lost" }];
    });
  }

  /** What of a change goes from those addresses to these, by protocol and destination port where they are named. */
  within(
    { packets, family }: ReachChange,
    sources: AddressSet,
    destinations: AddressSet,
    service: { readonly protocol?: number; readonly ports?: { first: number; last: number } } = {},
  ): Node {
    const { protocol, ports } = service;
    const from = this.#addresses("source", family, sources);
    const to = this.#addresses("destination", family, destinations);
    return this.#sets.allOf(
      packets,
      from,
      to,
      protocol === undefined ? everything : this.#sets.equal("nw_proto", BigInt(protocol)),
      ports === undefined
        ? everything
        : this.#sets.range("tp_dst", BigInt(ports.first), BigInt(ports.last)),
    );
  }

  isNothing(packets: Node): boolean {
    return packets === nothing;
  }

  #addresses(side: "source" | "destination", family: Family, set: AddressSet): Node {
    if (set.family !== family) return nothing;
    const field = addressField(side, family);
    const { operations } = this.#sets;
    const byLength = new Map<number, bigint[]>();
    for (const { value, length } of prefixesOf(set))
      byLength.set(length, [...(byLength.get(length) ?? []), value]);
    let addresses: Node = nothing;
    for (const [length, values] of byLength) {
      const mask = maskOf({ family, value: 0n, length: Math.min(length, widthOf(family)) });
      const rows = values.map((value) => ({ values: [value], result: everything }));
      addresses = operations.or(addresses, this.#sets.table([[field, mask]], rows, nothing));
    }
    return addresses;
  }
}

/** The flows of `input` are those on the switch, its policy is the one to be installed. */
export function differenceBetween(input: ProofInput): ReachabilityDifference {
  return new ReachabilityDifference(new RailProver(input).compare());
}
