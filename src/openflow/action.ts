/** OpenFlow actions and the one instruction (`goto_table`) that railfence writes, and what it can follow of others' flows. */

import type { FieldName } from "./field.js";
import type { Port } from "./match.js";

export type Action =
  /** The last of a list: the packet goes on in a later table. */
  | { readonly kind: "goto"; readonly table: number }
  | { readonly kind: "output"; readonly port: Port }
  | {
      readonly kind: "set";
      readonly field: FieldName;
      readonly value: bigint;
      /** Where absent, the whole field is set. Bits of `value` outside it are zero. */
      readonly mask?: bigint;
    }
  /** Whole-field copy. */
  | { readonly kind: "move"; readonly from: FieldName; readonly to: FieldName }
  /** Read only: looks the packet up again (in the same table where none is named), then goes on here. */
  | { readonly kind: "resubmit"; readonly port?: Port; readonly table?: number }
  /** Read only: the flow is one dimension, counted from 1, of a conjunctive match (conjunction.ts). */
  | {
      readonly kind: "conjunction";
      readonly id: bigint;
      readonly dimension: number;
      readonly of: number;
    }
  /** Read only: sends a copy to the controllers of the bridge, as `CONTROLLER`, and goes on. */
  | { readonly kind: "controller"; readonly text: string }
  /** Read only: adds to the action set, which is carried out once the packet's last list is done (action-set.ts). */
  | { readonly kind: "write-actions"; readonly actions: readonly WrittenAction[] }
  /** Read only: empties the action set. */
  | { readonly kind: "clear-actions" }
  /** Read only: `set_queue` and `pop_queue`. They say how long a packet waits, not where it goes. */
  | { readonly kind: "queue"; readonly text: string }
  /** Read only: does nothing. */
  | { readonly kind: "note"; readonly text: string }
  /** Read from a switch, not understood: whatever it does, nothing may be concluded from it. */
  | { readonly kind: "unknown"; readonly text: string };

/** Of what OpenFlow lets stand in an action set, what railfence can follow. */
export type WrittenAction = Extract<
  Action,
  { readonly kind: "output" | "controller" | "set" | "move" | "queue" }
>;

/** The ports that it names to send by, at once or at the end. */
export function outputsIn(action: Action): readonly Port[] {
  if (action.kind === "write-actions") return action.actions.flatMap(outputsIn);
  return action.kind === "output" ? [action.port] : [];
}

/** An empty list drops the packet. */
export const drop: readonly Action[] = [];
