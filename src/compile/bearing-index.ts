/** Which rules bear on one party's traffic to another: found once for each two, for it follows from their names alone. */

import type { Family } from "../net/address.js";
import { type Bearing, isMeeting } from "./grant.js";
import { type ClauseIndex, covers, type Party } from "./party.js";

/** What lets one party send to another; equal rights have equal keys. */
export interface Bearings {
  readonly key: string;
  readonly bearings: readonly Bearing[];
}

export class BearingIndex {
  readonly #clauses: ClauseIndex;
  /** By source, then destination. */
  readonly #bearings = new Map<string, Map<string, Bearings>>();
  /** By key and family. */
  readonly #meetings = new Map<string, boolean>();

  constructor(clauses: ClauseIndex) {
    this.#clauses = clauses;
  }

  of(source: Party, destination: Party): Bearings {
    let known = this.#bearings.get(source.label);
    if (known === undefined) {
      known = new Map();
      this.#bearings.set(source.label, known);
    }
    let bearings = known.get(destination.label);
    if (bearings === undefined) {
      bearings = this.#find(source, destination);
      known.set(destination.label, bearings);
    }
    return bearings;
  }

  /** Whether one may open something at the other. */
  isMeeting(source: Party, destination: Party, family: Family): boolean {
    const { key, bearings } = this.of(source, destination);
    const name = `${family} ${key}`;
    let meeting = this.#meetings.get(name);
    if (meeting === undefined) {
      meeting = isMeeting(bearings, family);
      this.#meetings.set(name, meeting);
    }
    return meeting;
  }

  #find(source: Party, destination: Party): Bearings {
    const found = new Map<string, Bearing>();
    for (const { rule, opens, counterpart } of this.#clauses.stakesOf(source))
      if (covers(counterpart, destination, rule)) {
        const way = opens ? "forward" : "back";
        found.set(`${rule.id}${opens ? ">" : "<"}`, { rule, way });
      }
    const keys = [...found.keys()].sort();
    return { key: keys.join(" "), bearings: keys.map((key) => found.get(key) as Bearing) };
  }
}
