/**
 * Fields that a packet may have at one action and not at the next: those of neighbour discovery, for its ICMPv6 type can
 * be rewritten, while no action that is followed here changes a protocol. Open vSwitch does nothing where a field is
 * written, copied or copied to that the packet does not have then (mf_are_prereqs_ok() of lib/meta-flow.c, called by
 * do_xlate_actions() and mf_subfield_copy(); seen in 3.1.0).
 */

import type { Action, WrittenAction } from "./action.js";
import type { FieldName } from "./field.js";
import { isMet, needOf } from "./prerequisite.js";

const none: readonly FieldName[] = [];

/** Of an action, the fields that the packet must have and may have lost. */
export function discoveryFieldsOf(action: Action | WrittenAction): readonly FieldName[] {
  if (action.kind === "set") return isOfDiscovery(action.field) ? [action.field] : none;
  return action.kind === "move" ? [action.from, action.to].filter(isOfDiscovery) : none;
}

function isOfDiscovery(name: FieldName): boolean {
  const need = needOf(name);
  return need === "solicitation" || need === "advertisement" || need === "neighbour";
}

/** `type` and `code` are those of ICMPv6, as they are then. */
export function hasDiscoveryField(name: FieldName, type: bigint, code: bigint): boolean {
  return code === 0n && isMet(needOf(name), 0n, 0n, type);
}

/** Whether it changes which of those fields there are. */
export function changesType(action: Action | WrittenAction): boolean {
  const target = action.kind === "set" ? action.field : action.kind === "move" ? action.to : "";
  return target === "icmpv6_type" || target === "icmpv6_code";
}
