/** OpenFlow actions and the one instruction (`goto_table`) that railfence writes; anything else read stays text. */

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
  /** Read from a switch, not understood: whatever it does, nothing may be concluded from it. */
  | { readonly kind: "unknown"; readonly text: string };

/** An empty list drops the packet. */
export const drop: readonly Action[] = [];
