/** Flows in other words: random rewritings, one on top of the other, none of which may change what becomes of a packet. */

import { isConjunctive, textOfMatch } from "../../../src/openflow/conjunction.js";
import type { Flow } from "../../../src/openflow/flow.js";
import { printActions } from "../../../src/openflow/print.js";
import type { Random } from "../random.js";
import { conjunction, disjunction } from "./conjunctions.js";
import { Draft } from "./draft.js";
import { folded } from "./folded.js";
import {
  renamed,
  scribbled,
  sentBack,
  setAsIs,
  setByMove,
  setInParts,
  setTwice,
  swapped,
} from "./of-actions.js";
import { doubled, lowestDrop, merge, shadowed, split, unreached } from "./of-matches.js";
import {
  aside,
  detour,
  flagged,
  halved,
  resubmitted,
  spreadPriorities,
  spreadTables,
} from "./of-tables.js";

/** False where the draw found nothing to rewrite so. */
export type Rewriting = (draft: Draft) => boolean;

export const rewritings: Readonly<Record<string, Rewriting>> = {
  ...{ split, merge, shadowed, unreached, doubled, lowestDrop, conjunction, disjunction },
  ...{ spreadPriorities, spreadTables, halved, detour, resubmitted, aside, folded, flagged },
  ...{ setTwice, setInParts, setByMove, scribbled, setAsIs, sentBack, swapped, renamed },
  reordered: (draft) => {
    draft.flows = draft.random.shuffled(draft.flows);
    return true;
  },
};

export interface Rewritten {
  readonly flows: readonly Flow[];
  /** What was done, in its order. */
  readonly names: readonly string[];
}

/** So many draws; `choices` are names of rewritings. */
export function rewrite(
  random: Random,
  flows: readonly Flow[],
  count: number,
  choices: readonly string[] = Object.keys(rewritings),
): Rewritten {
  const draft = new Draft(random, flows);
  const names: string[] = [];
  for (let done = 0; done < count; done++) {
    const name = random.pick(choices);
    const { flows: before } = draft;
    if (rewritings[name]?.(draft) !== true) continue;
    const once = withoutTwins(draft.flows);
    draft.flows = once ?? before;
    if (once !== undefined) names.push(name);
  }
  return { flows: draft.flows, names };
}

/**
 * A switch holds one flow of each match and priority in a table: equal ones are one, and dimensions of several
 * conjunctive matches stand in one list. Undefined where two cannot be one.
 */
function withoutTwins(flows: readonly Flow[]): readonly Flow[] | undefined {
  const seen = new Map<string, Flow>();
  for (const flow of flows) {
    const key = `${flow.table} ${flow.priority} ${textOfMatch(flow, flow.match.inPort)}`;
    const twin = seen.get(key);
    if (twin === undefined) seen.set(key, flow);
    else if (printActions(twin.actions) === printActions(flow.actions)) continue;
    else if (!isConjunctive(twin) || !isConjunctive(flow)) return undefined;
    else seen.set(key, { ...twin, actions: [...twin.actions, ...flow.actions] });
  }
  return seen.size === flows.length ? flows : [...seen.values()];
}
