/** Why it cannot be known what flows do with a packet. */

import { isConjunctive } from "./conjunction.js";
import { isOpaque } from "./find-flows.js";
import type { Flow } from "./flow.js";
import { printActions } from "./print.js";

export type Doubt =
  /** The flow might match or not. */
  | { readonly kind: "unknown-match"; readonly flow: Flow }
  | { readonly kind: "unknown-action"; readonly flow: Flow; readonly text: string }
  /** Flows of one priority that do different things: OVS does either. */
  | { readonly kind: "ambiguous"; readonly flows: readonly Flow[] }
  /** `goto_table` leads forward only (OpenFlow 1.4, section 5.1). */
  | { readonly kind: "goes-back"; readonly flow: Flow }
  /** Only proofs say so: they do not follow as far as Open vSwitch does, and `evaluate` does. */
  | { readonly kind: "too-deep"; readonly flow: Flow };

/** Whether it is open which of the flows found takes the packet, and what that comes to. */
export function doubtOf(found: readonly Flow[]): Doubt | undefined {
  const opaque = found.find(isOpaque);
  if (opaque !== undefined) return { kind: "unknown-match", flow: opaque };
  if (found.some(isConjunctive)) return { kind: "ambiguous", flows: found };
  if (found.length === 1) return undefined;
  const actions = new Set(found.map((flow) => printActions(flow.actions)));
  return actions.size === 1 ? undefined : { kind: "ambiguous", flows: found };
}
