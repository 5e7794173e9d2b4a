/**
 * What the flows of a switch can do at all with packets of a port: a megaflow that does something else was not made of
 * them. Ports and values may be others' or those of yesterday; which fields are rewritten in how many copies may not.
 */

import { fieldsInOrder } from "../openflow/field.js";
import type { Flow } from "../openflow/flow.js";
import type { Port } from "../openflow/match.js";
import { localPort } from "../openflow/match.js";
import type { PortNumbers } from "../openflow/print.js";
import { resolvePort } from "../openflow/tables.js";
import { HeaderSets } from "./proof/header-sets.js";
import { unknown } from "./proof/outcome.js";
import { constantsOf, packetKinds } from "./proof/packet-kind.js";
import { flowTablesOf } from "./proof/rail-prover.js";
import { Relevance } from "./proof/relevance.js";
import { TableWalk } from "./proof/table-walk.js";
import type { Output } from "./walk.js";

/** For each copy that leaves, the fields that are rewritten; a drop has none. */
type Copies = readonly ReadonlySet<string>[];

export class PossibleEffects {
  readonly #bridge: string;
  readonly #portNumbers: PortNumbers;
  readonly #flows: readonly Flow[];
  readonly #known = new Map<string, readonly Copies[] | "unknown">();
  #walks: readonly TableWalk[] | undefined;
  readonly #sets = new HeaderSets();

  constructor(flows: readonly Flow[], portNumbers: PortNumbers, bridge: string) {
    this.#flows = flows;
    this.#portNumbers = portNumbers;
    this.#bridge = bridge;
  }

  /** Whether some packet of the port might get that; `undefined` is what no action of a flow could ask for. */
  isPossible(inPort: string, outputs: readonly Output[] | undefined): boolean {
    const possible = this.#effectsOf(inPort);
    if (possible === "unknown") return true;
    if (outputs === undefined) return false;
    const copies = outputs.map(({ changes }) => [...fieldsIn(changes)]);
    return possible.some(
      (known) =>
        known.length === copies.length &&
        // a field that was right before is not rewritten
        copies.every((fields, at) => fields.every((one) => known[at]?.has(one))),
    );
  }

  #effectsOf(inPort: string): readonly Copies[] | "unknown" {
    let known = this.#known.get(inPort);
    if (known === undefined) {
      known = this.#find(inPort);
      this.#known.set(inPort, known);
    }
    return known;
  }

  #find(inPort: string): readonly Copies[] | "unknown" {
    const port: Port = inPort === this.#bridge ? localPort : resolvePort(inPort, this.#portNumbers);
    const effects: Copies[] = [];
    for (const walk of this.#everyWalk()) {
      const { values } = this.#sets.operations.valuesOf(walk.outcomesFor(port));
      for (const value of values) {
        const id = walk.outcomes.resolve(value, port);
        if (id === unknown) return "unknown";
        effects.push(
          walk.outcomes
            .sentIn(id)
            .map(({ fields }) => new Set([...fields.changed.keys()].map(nameOf))),
        );
      }
    }
    return effects;
  }

  #everyWalk(): readonly TableWalk[] {
    if (this.#walks === undefined) {
      const portNumbers = this.#portNumbers;
      const tables = flowTablesOf(this.#flows, portNumbers);
      const walked = { tables, relevance: new Relevance(tables), portNumbers };
      this.#walks = packetKinds.map((kind) => new TableWalk(this.#sets, constantsOf(kind), walked));
    }
    return this.#walks;
  }
}

function nameOf(field: number): string {
  return fieldsInOrder[field]?.name ?? "";
}

/** The names in the text of `changesBetween`. */
function* fieldsIn(changes: string): Generator<string> {
  for (const [, name] of changes.matchAll(/(?:^| )([a-z0-9_]+)=/g)) yield name as string;
}
