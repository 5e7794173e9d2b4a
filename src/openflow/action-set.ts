/**
 * The action set of a packet (OpenFlow 1.4, section 5.10): `write_actions` adds to it, `clear_actions` empties it, and it
 * is carried out when all tables are done, whatever they did with the packet itself: an explicit drop or a table miss
 * at the end does not keep it back (xlate_actions() of ofproto/ofproto-dpif-xlate.c; seen in 3.1.0).
 */

import type { WrittenAction } from "./action.js";

/** In the order in which they were written. */
export type ActionSet = readonly WrittenAction[];

/**
 * What it comes to, in order: all that is rewritten, then the one output that was written last. Nothing at all where
 * there is none (ofpacts_execute_action_set() of lib/ofp-actions.c).
 */
export function actionsOfSet(written: ActionSet): ActionSet {
  const last = written.findLast(isOutput);
  return last === undefined ? [] : [...written.filter(isRewrite), last];
}

function isOutput({ kind }: WrittenAction): boolean {
  return kind === "output" || kind === "controller";
}

function isRewrite({ kind }: WrittenAction): boolean {
  return kind === "set" || kind === "move";
}
