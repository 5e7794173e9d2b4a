/** Flows by whom they are for: the narrowest question that covers all flows of one endpoint or of one party. */

import { fieldOf, lastRegister, registerName } from "../openflow/field.js";
import type { FieldMatch, Match } from "../openflow/match.js";
import type { FlowOrigin } from "./printed-flow.js";

export interface Speaker {
  /** Equal for the flows that share `match`. */
  readonly key: string;
  /** The port that they come in by, or else the first register; nothing for flows that match neither. */
  readonly match: Match;
}

export function speakerOf(match: Match): Speaker {
  const { inPort, fields } = match;
  if (inPort !== undefined) return { key: `in_port ${inPort}`, match: { inPort, fields: [] } };
  const [first] = fields;
  if (first === undefined || !isExactRegister(first))
    return { key: "anybody", match: { fields: [] } };
  return { key: `${first.field} ${first.value}`, match: { fields: [first] } };
}

/** Whether a question for all flows of the speaker gets one with that match for an answer, too. */
export function isOfSpeaker(match: Match, speaker: Speaker): boolean {
  const { inPort, fields } = speaker.match;
  if (inPort !== undefined && match.inPort !== inPort) return false;
  const [asked] = fields;
  if (asked === undefined) return true;
  for (const { field, value, mask } of match.fields)
    if (field === asked.field) return value === asked.value && mask === asked.mask;
  return false;
}

/** The match with its port as the switch numbers it. */
export function withPortNumber({ flow: { match }, ports }: FlowOrigin): Match {
  const { inPort } = match;
  const number = typeof inPort === "string" ? ports.get(inPort) : undefined;
  return number === undefined ? match : { ...match, inPort: number };
}

const registers: ReadonlySet<string> = new Set(
  Array.from({ length: lastRegister + 1 }, (_, index) => registerName(index)),
);

function isExactRegister({ field, mask }: FieldMatch): boolean {
  return registers.has(field) && mask === fieldOf(field).full;
}
