/**
 * Conjunctive matches (ovs-fields(7), "Conjunctive Match Fields"), which railfence reads and never writes: a packet that
 * meets one flow of each dimension of an id is looked up again with `conj_id` set to it.
 */

import type { Action } from "./action.js";
import type { Flow } from "./flow.js";
import type { Port } from "./match.js";

/** Open vSwitch's "soft match": such a flow is no answer to a lookup by itself. */
export function isConjunctive({ actions }: Pick<Flow, "actions">): boolean {
  return actions.some(({ kind }) => kind === "conjunction");
}

/**
 * What flows of one priority that a packet meets amount to: an id whose dimensions are all met, nothing, or what cannot
 * be foreseen. Which of two ids Open vSwitch takes is its own affair (find_conjunctive_match() in lib/classifier.c).
 */
export type Conjoined = { readonly id: bigint } | "nothing" | "unclear";

/** `actions` are those of all the flows together. */
export function conjoined(actions: Iterable<Action>): Conjoined {
  const met = new Map<bigint, { readonly of: number; readonly dimensions: Set<number> }>();
  for (const action of actions) {
    // beside a `conjunction` Open vSwitch takes only notes (ofpacts_verify() in lib/ofp-actions.c)
    if (action.kind === "note") continue;
    if (action.kind !== "conjunction") return "unclear";
    const { id, dimension, of } = action;
    const known = met.get(id);
    if (known === undefined) met.set(id, { of, dimensions: new Set([dimension]) });
    else if (known.of !== of) return "unclear";
    else known.dimensions.add(dimension);
  }
  const whole = [...met].filter(([, { of, dimensions }]) => dimensions.size === of);
  const [only, ...others] = whole;
  if (only === undefined) return "nothing";
  return others.length > 0 ? "unclear" : { id: only[0] };
}

export function isPartOf({ actions }: Flow, id: bigint): boolean {
  return actions.some((action) => action.kind === "conjunction" && action.id === id);
}

/**
 * The flows that the second lookup, the one with a `conj_id`, does not see: Open vSwitch keeps flows of one match in a
 * list and looks at the first, and where that is part of a conjunctive match it passes over the others
 * (classifier_lookup__() in lib/classifier.c; seen in 3.1.0). `matchOf` gives equal text for equal matches of a table.
 */
export function hiddenFlows(
  flows: Iterable<Flow>,
  matchOf: (flow: Flow) => string,
): ReadonlySet<Flow> {
  const first = new Map<string, number>();
  const all = [...flows];
  for (const flow of all)
    if (isConjunctive(flow)) {
      const match = matchOf(flow);
      first.set(match, Math.max(flow.priority, first.get(match) ?? -1));
    }
  if (first.size === 0) return nothingHidden;
  return new Set(all.filter((flow) => flow.priority < (first.get(matchOf(flow)) ?? -1)));
}

const nothingHidden: ReadonlySet<Flow> = new Set();

/** Equal for equal matches; `port` is the one of the match, however it was written. */
export function textOfMatch({ match }: Flow, port: Port | undefined): string {
  const fields = match.fields.map(({ field, value, mask }) => `${field}=${value}/${mask}`);
  return `${typeof port} ${port} ${fields.sort().join()}`;
}
