/**
 * Tables that lead back to themselves by `resubmit`. A place by itself says nothing of the packets that can come to it,
 * and following each flow of a table around a circle, also those that no packet takes which came so far, makes as many
 * places as there are ways to go around. So here each place keeps the packets that come to it; and where some come
 * again to a table as they were there before, with nothing in between come to its end, they do so for ever.
 */

import type { Action } from "../../openflow/action.js";
import { type Node, nothing, terminalOf } from "./diagram.js";
import { abandoned, dropped } from "./outcome.js";
import { type Place, type Rest, stateOf, type Visited } from "./place.js";

/** Places with their packets. */
export class Circles {
  /** Whether tables lead back at all: if not, places are shared by whatever packets come there. */
  readonly #leadsBack: boolean;

  constructor(leadsBack: boolean) {
    this.#leadsBack = leadsBack;
  }

  /** Whether it must be known which packets do that: inside of a list that was resubmitted to, or on the way there. */
  follows({ rest }: Place, actions: readonly Action[]): boolean {
    if (!this.#leadsBack) return false;
    return rest !== undefined || actions.some(({ kind }) => kind === "resubmit");
  }

  /** The place as it is kept, or what becomes of its packets. */
  entering(place: Place): Place | Node {
    const { among, rest, visited } = place;
    if (!this.#leadsBack) return place;
    if (rest === undefined) return { ...place, among: undefined, visited: undefined };
    // no packet: whatever is said of it
    if (among === nothing) return terminalOf(dropped);
    const state = stateOf(place);
    for (let one = visited; one !== undefined; one = one.before)
      if (one.state === state) return terminalOf(abandoned);
    return { ...place, visited: { state, rest, before: visited } };
  }
}

/** When a list that was resubmitted to is done, what was looked up for it is done, too. */
export function withoutDone(visited: Visited | undefined, rest: Rest): Visited | undefined {
  let open = visited;
  while (open?.rest === rest) open = open.before;
  return open;
}
