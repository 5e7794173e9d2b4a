/** All tables of a bridge as classifiers, with ports as numbers. */

import type { Flow } from "../../openflow/flow.js";
import { type Port, portOf } from "../../openflow/match.js";
import type { PortNumbers } from "../../openflow/print.js";
import { type Classifier, type ClassifierOptions, classifierOf } from "./classifier.js";

export interface ClassifiedTables {
  readonly byNumber: ReadonlyMap<number, Classifier>;
  /** The number of a port; one of its own where only the name is known. */
  portNumber(port: Port): number;
}

/** Above every OpenFlow port, which has 16 bits in OVS: ports whose numbers are not known. */
const firstUnnumbered = 0x1_0000;

export function classifyTables(
  flows: Iterable<Flow>,
  portNumbers: PortNumbers = new Map(),
  options: ClassifierOptions = {},
): ClassifiedTables {
  const made = new Map<string, number>();
  const portNumber = (port: Port): number => {
    const known = portOf(port);
    if (typeof known === "number") return known;
    const number = portNumbers.get(known) ?? made.get(known) ?? firstUnnumbered + made.size;
    if (!portNumbers.has(known)) made.set(known, number);
    return number;
  };
  const lists = new Map<number, Flow[]>();
  for (const flow of flows) {
    const list = lists.get(flow.table);
    if (list === undefined) lists.set(flow.table, [flow]);
    else list.push(flow);
  }
  const byNumber = new Map(
    [...lists].map(([table, list]) => [table, classifierOf(list, portNumber, options)] as const),
  );
  return { byNumber, portNumber };
}
