/** What of a megaflow is refused: by the list of known refusals, or for a message that OVS or a driver gave. */

import type { Megaflow, Place } from "../../datapath/megaflow.js";
import { type Refusal, refusals } from "./refusals.js";

export interface RefusedPart {
  readonly part: string;
  readonly place: Place;
}

export interface ListedRefusal extends RefusedPart {
  readonly message: string;
}

/** The first of the list that fits. */
export function listedRefusal(by: Refusal["by"], megaflow: Megaflow): ListedRefusal | undefined {
  return listedRefusals(by, megaflow)[0];
}

export function listedRefusals(by: Refusal["by"], megaflow: Megaflow): readonly ListedRefusal[] {
  return refusals.flatMap((refusal) => {
    const place = refusal.by === by ? refusal.find(megaflow) : undefined;
    return place === undefined ? [] : [{ message: refusal.message, ...partAt(place, megaflow) }];
  });
}

/** Nothing where the message is not in the list, or the list finds no such part. */
export function partRefusedFor(message: string, megaflow: Megaflow): Partial<RefusedPart> {
  for (const refusal of refusals) {
    if (!isSameMessage(refusal.message, message)) continue;
    const place = refusal.find(megaflow);
    if (place !== undefined) return partAt(place, megaflow);
  }
  return {};
}

/** Messages end in numbers and names that differ; this many characters of them do not. */
const tellingLength = 22;

export function isSameMessage(listed: string, said: string): boolean {
  return said.includes(listed.slice(0, Math.max(tellingLength, 0)));
}

function partAt(place: Place, { source }: Megaflow): RefusedPart {
  return { part: source.text.slice(place.start, place.end), place };
}
