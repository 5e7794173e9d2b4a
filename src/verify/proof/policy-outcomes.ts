/** What a fence does with a packet that may pass: where it leaves, and what is rewritten then. */

import { type FieldName, fieldOf } from "../../openflow/field.js";
import { localPort, type Port } from "../../openflow/match.js";
import type { Endpoint } from "../../policy/inventory.js";
import type { Fence } from "./fence.js";
import type { OutcomeId, Outcomes } from "./outcome.js";
import type { Substitution, Substitutions } from "./substitution.js";

export class PolicyOutcomes {
  readonly #fence: Fence;
  readonly #outcomes: Outcomes;
  readonly #substitutions: Substitutions;

  constructor(fence: Fence, outcomes: Outcomes, substitutions: Substitutions) {
    this.#fence = fence;
    this.#outcomes = outcomes;
    this.#substitutions = substitutions;
  }

  toHost(): OutcomeId {
    return this.unchangedTo(localPort);
  }

  unchangedTo(port: Port): OutcomeId {
    return this.#outcomes.of([{ port, fields: this.#substitutions.unchanged }]);
  }

  /** A routed rail is a hop: the frame leaves from the bridge's address to the next one's. */
  delivery(owner: Endpoint | undefined): OutcomeId {
    const port = this.#fence.portTowards(owner);
    if (!this.#fence.isRouted) return this.unchangedTo(port);
    const fields = this.#rewritten([
      ["dl_src", this.#fence.bridgeMac()],
      ["dl_dst", this.#fence.macTowards(owner)],
    ]);
    return this.#outcomes.of([{ port, fields }]);
  }

  /** Of the bridge, for whoever is asked for (RFC 826). */
  arpAnswer(endpoint: Endpoint): OutcomeId {
    const mac = this.#fence.bridgeMac();
    const own = endpoint.mac ?? 0n;
    const fields = this.#rewritten([
      ["dl_src", mac],
      ["dl_dst", own],
      ["arp_op", 2n],
      ["arp_sha", mac],
      ["arp_tha", own],
    ]);
    const exchanged = this.#copied(fields, [
      ["arp_tpa", "arp_spa"],
      ["arp_spa", "arp_tpa"],
    ]);
    return this.#outcomes.of([{ port: this.#fence.portOf(endpoint), fields: exchanged }]);
  }

  /** RFC 4861, section 7.2.4: router, solicited and override set, and the option that was sent turned into ours. */
  neighbourAnswer(endpoint: Endpoint): OutcomeId {
    const mac = this.#fence.bridgeMac();
    const fields = this.#rewritten([
      ["dl_src", mac],
      ["dl_dst", endpoint.mac ?? 0n],
      ["nd_sll", mac],
    ]);
    const addressed = this.#copied(fields, [
      ["nd_target", "ipv6_src"],
      ["ipv6_src", "ipv6_dst"],
      ["ipv6_src", "nd_target"],
    ]);
    return this.#outcomes.of([{ port: this.#fence.portOf(endpoint), fields: addressed }]);
  }

  #rewritten(values: readonly (readonly [FieldName, bigint])[]): Substitution {
    let fields = this.#substitutions.unchanged;
    for (const [name, value] of values) {
      const { index, full } = fieldOf(name);
      fields = this.#substitutions.set(fields, index, value, full);
    }
    return fields;
  }

  /** Each copy takes the field as it came in. */
  #copied(
    before: Substitution,
    copies: readonly (readonly [from: FieldName, to: FieldName])[],
  ): Substitution {
    const { unchanged } = this.#substitutions;
    let fields = before;
    for (const [from, to] of copies)
      fields = this.#substitutions.assign(
        fields,
        fieldOf(to).index,
        this.#substitutions.bitsOf(unchanged, fieldOf(from).index),
      );
    return fields;
  }
}
