/** Two diagrams of outcomes, the policy's and the tables', to the sets of packets in which they differ. */

import type { Difference } from "./comparison.js";
import { isTerminal, type Node, nothing, terminalOf, valueIn } from "./diagram.js";
import type { FencedPort } from "./fence.js";
import type { HeaderSets } from "./header-sets.js";
import { type Operation, undecided } from "./operation.js";
import { dropped, type OutcomeId, type Outcomes } from "./outcome.js";
import type { PacketKindName } from "./packet-kind.js";

const drop = terminalOf(dropped);

export interface Compared {
  readonly port: FencedPort;
  readonly kind: PacketKindName;
  /** What the policy says. */
  readonly expected: Node;
  /** The packets there can be. */
  readonly care: Node;
}

export class SideComparison {
  readonly #sets: HeaderSets;
  readonly #outcomes: Outcomes;
  readonly #compared: Compared;
  readonly #pairs: { readonly policy: OutcomeId; readonly tables: OutcomeId }[] = [];
  readonly #operation: Operation;
  /** What was found the last time, and where it differed. */
  #found: Node | undefined;
  #different: Node = nothing;

  constructor(sets: HeaderSets, outcomes: Outcomes, compared: Compared) {
    this.#sets = sets;
    this.#outcomes = outcomes;
    this.#compared = compared;
    const numbers = new Map<string, number>();
    this.#operation = sets.operations.operation((one, other) => {
      if (!isTerminal(one) || !isTerminal(other)) return undecided;
      const policy = valueIn(one);
      const tables = outcomes.resolve(valueIn(other), compared.port.port);
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
    const real = this.#differing(found);
    this.#found = found;
    this.#different = real;
    if (real === nothing) return [];
    return operations.valuesOf(real).values.flatMap((value) => {
      const pair = this.#pairs[value - 1];
      if (pair === undefined) return [];
      const packets = operations.and(
        operations.whereValue(real, value),
        this.#outcomes.whereDifferent(pair.policy, pair.tables),
      );
      return packets === nothing ? [] : [{ port, kind, packets, ...pair }];
    });
  }

  /** Only packets of which something else was found than before are compared again. */
  #differing(found: Node): Node {
    const { operations } = this.#sets;
    const { expected, care } = this.#compared;
    if (this.#found === undefined) {
      const different = operations.combine(this.#operation, expected, found);
      return operations.choose(care, different, nothing);
    }
    const changed = operations.and(care, operations.differ(this.#found, found));
    const [policy, tables] = [expected, found].map((one) => operations.choose(changed, one, drop));
    const different = operations.combine(this.#operation, policy as Node, tables as Node);
    return operations.choose(changed, different, this.#different);
  }
}
