/** Two diagrams of outcomes, the policy's and the tables', to the sets of packets in which they differ. */

import type { Port } from "../../openflow/match.js";
import type { Difference } from "./comparison.js";
import { isTerminal, type Node, nothing, terminalOf, valueIn } from "./diagram.js";
import type { ProvedPort } from "./fence.js";
import type { HeaderSets } from "./header-sets.js";
import { type Operation, undecided } from "./operation.js";
import { type OutcomeId, type Outcomes, unknown } from "./outcome.js";
import type { PacketKindName } from "./packet-kind.js";

export interface Compared {
  readonly port: ProvedPort;
  readonly kind: PacketKindName;
  /** What the policy says. */
  readonly expected: Node;
  /** Copies that leave by other ports do not count; where it is absent, all do. */
  readonly counted?: ReadonlySet<Port> | undefined;
  /** The packets there can be. */
  readonly care: Node;
}

/** The policy always says something, so this outcome is free. */
const never = terminalOf(unknown);

export class SideComparison {
  readonly #sets: HeaderSets;
  readonly #outcomes: Outcomes;
  readonly #compared: Compared;
  /** What the policy says, and `never` where there can be no packet. */
  readonly #expected: Node;
  readonly #pairs: { readonly policy: OutcomeId; readonly tables: OutcomeId }[] = [];
  readonly #operation: Operation;

  constructor(sets: HeaderSets, outcomes: Outcomes, compared: Compared) {
    this.#sets = sets;
    this.#outcomes = outcomes;
    this.#compared = compared;
    this.#expected = sets.operations.choose(compared.care, compared.expected, never);
    const numbers = new Map<string, number>();
    this.#operation = sets.operations.operation((one, other) => {
      if (one === never) return nothing;
      if (!isTerminal(one) || !isTerminal(other)) return undecided;
      const policy = valueIn(one);
      const tables = outcomes.resolve(valueIn(other), compared.port.port, compared.counted);
      if (policy === tables) return nothing;
      const key = `${policy} ${tables}`;
      const number = numbers.get(key) ?? this.#pairs.push({ policy, tables });
      numbers.set(key, number);
      return terminalOf(number);
    });
  }

  /** `found` is what the tables do, not yet resolved for the port. */
  differences(found: Node): Difference[] {
    const { operations } = this.#sets;
    const { port, kind } = this.#compared;
    const different = operations.combine(this.#operation, this.#expected, found);
    if (different === nothing) return [];
    return operations.valuesOf(different).values.flatMap((value) => {
      const pair = this.#pairs[value - 1];
      if (pair === undefined) return [];
      const { policy, tables } = pair;
      // once and of all of it: looking at each node once is quicker than asking for what is known of it
      const all = () => operations.mapValues(different, (one) => (one === value ? 1 : 0));
      // sets are made for those who look at them: mostly it is known without that there is a difference
      if (!this.#outcomes.areOfOneShape(policy, tables))
        return [{ port, kind, policy, tables, packetsOf: all }];
      const packets = this.#outcomes.whereDifferent(policy, tables, all());
      return packets === nothing ? [] : [{ port, kind, policy, tables, packetsOf: () => packets }];
    });
  }
}
