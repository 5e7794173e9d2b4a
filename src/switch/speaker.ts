/** Flows by whom they are for: the narrowest question that covers all flows of one endpoint or of one party. */

import { fieldOf, lastRegister, registerName } from "../openflow/field.js";
import type { FieldMatch, Match } from "../openflow/match.js";
import { printMatch } from "../openflow/print.js";
import type { FlowOrigin } from "./printed-flow.js";

export interface Speaker {
  /** `in_port=2`, `reg0=0x9ca4437e`, or nothing: what is in the text of each of its flows. */
  readonly text: string;
  readonly match: Match;
}

/** The port that it comes in by, or else its first register; a flow that matches neither is for anybody. */
export function speakerOf({ inPort, fields }: Match): Speaker {
  const match =
    inPort === undefined
      ? { fields: fields.slice(0, 1).filter(isRegister) }
      : { inPort, fields: [] };
  return { text: printMatch(match), match };
}

/** Whether a question for all flows of a speaker gets the flow with that text for an answer, too. */
export function isOfSpeaker(match: string, { text }: Speaker): boolean {
  const start = match.indexOf(text);
  if (start < 0) return false;
  const end = start + text.length;
  // what follows may be more digits or a mask; before it stands a comma or nothing, for no name ends in another's
  return end === match.length || match.charCodeAt(end) === comma || text === "";
}

const comma = 44;

/** The match with its port as the switch numbers it. */
export function withPortNumber({ flow: { match }, ports }: FlowOrigin): Match {
  const { inPort } = match;
  const number = typeof inPort === "string" ? ports.get(inPort) : undefined;
  return number === undefined ? match : { ...match, inPort: number };
}

const registers: ReadonlySet<string> = new Set(
  Array.from({ length: lastRegister + 1 }, (_, index) => registerName(index)),
);

function isRegister({ field, mask }: FieldMatch): boolean {
  return registers.has(field) && mask === fieldOf(field).full;
}
