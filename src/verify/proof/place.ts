/** Where packets stand in the tables, all alike from there on: what is not looked at any more does not tell them apart. */

import type { Action } from "../../openflow/action.js";
import type { ActionSet } from "../../openflow/action-set.js";
import type { Port } from "../../openflow/match.js";
import { actionKey } from "./action-key.js";
import type { Node } from "./diagram.js";
import { isScratchField } from "./header-bits.js";
import { portBit, type Relevance } from "./relevance.js";
import type { Substitution, Substitutions } from "./substitution.js";

/** What is left of the lists whose `resubmit` led here. */
export interface Rest {
  readonly id: number;
  readonly actions: readonly Action[];
  readonly from: number;
  readonly table: number;
  /** The outermost has none. */
  readonly next?: Rest;
  /** Of the list that the `resubmit` led to: see `deepens`. */
  readonly depth: number;
}

/** What `write_actions` left to be done at the end. */
export interface Written {
  readonly id: number;
  readonly actions: ActionSet;
}

export interface Place {
  readonly table: number;
  /** Where the packet came in; one stand-in for all ports where nobody asks any more. */
  readonly inPort: Port;
  /** What this lookup takes for it: `resubmit` may say another. */
  readonly asPort: Port;
  readonly fields: Substitution;
  readonly rest: Rest | undefined;
  readonly written: Written | undefined;
  /** See `lookupsAfter`; zero as long as nothing was resubmitted. */
  readonly lookups: number;
  /** The only packets that come here, where that is kept track of: see circle.ts. */
  readonly among?: Node | undefined;
  /** No part of what the place is. */
  readonly visited?: Visited | undefined;
}

/** What packets of a place have been at before, inside the lists that are not done yet. */
export interface Visited {
  readonly state: string;
  /** Of the place: once that is returned to, its list is done. */
  readonly rest: Rest;
  readonly before: Visited | undefined;
}

const anyPort: Port = "*";

export function keyOfPlace(place: Place): string {
  const { rest, written, lookups, among } = place;
  return `${stateOf(place)} ${rest?.id ?? ""} ${written?.id ?? ""} ${lookups} ${among ?? ""}`;
}

/** All that it depends on which flow a packet meets next, and every one after it until its list is done. */
export function stateOf({ table, inPort, asPort, fields }: Place): string {
  return `${table} ${portKey(inPort)} ${portKey(asPort)} ${fields.id}`;
}

export function portKey(port: Port): string {
  return typeof port === "number" ? `#${port}` : port;
}

/** Outputs are resolved for the port at the end, so they do not need it. */
export function withoutIrrelevant(
  place: Place,
  relevance: Relevance,
  substitutions: Substitutions,
): Place {
  let relevant = relevance.ofTable(place.table);
  for (let rest = place.rest; rest !== undefined; rest = rest.next)
    relevant |= relevance.ofActions(rest.actions, rest.from, rest.table);
  if (place.written !== undefined)
    relevant |= relevance.ofActions(place.written.actions, 0, place.table);
  const fields = substitutions.forget(
    place.fields,
    (field) => isScratchField(field) && (relevant & (1 << field)) === 0,
  );
  if ((relevant & portBit) !== 0) return { ...place, fields };
  return { ...place, fields, inPort: anyPort, asPort: anyPort };
}

/** Each rest once, so that equal places have equal keys. */
export class Rests {
  readonly #known = new Map<string, Rest>();

  /** `list` is the number of the actions in their table. */
  of(list: number, rest: Omit<Rest, "id">): Rest {
    const key = `${list} ${rest.from} ${rest.next?.id ?? ""} ${rest.depth}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = { ...rest, id: this.#known.size };
      this.#known.set(key, known);
    }
    return known;
  }
}

/** Each action set once, too. */
export class WrittenSets {
  readonly #known = new Map<string, Written>();

  of(actions: ActionSet): Written {
    const key = actions.map(actionKey).join();
    let known = this.#known.get(key);
    if (known === undefined) {
      known = { id: this.#known.size, actions };
      this.#known.set(key, known);
    }
    return known;
  }
}
