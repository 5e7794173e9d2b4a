/**
 * Matches. A field cannot be matched without its prerequisite: OVS silently widens `nw_dst=10.0.0.1` without `ip`
 * to everything, so a `Match` is made only by the functions of this folder, from types that hold the prerequisite.
 */

import type { FieldName } from "./field.js";

/** An OpenFlow port: its number, or its name where only the switch knows the number. */
export type Port = number | string;

/** Reserved ports (OpenFlow 1.0, section 5.2.1: OVS keeps 16 bits). `"LOCAL"` and `"IN_PORT"` name them too. */
export const localPort = 0xfffe;
export const inPort = 0xfff8;
export const controllerPort = 0xfffd;

/** The one value of a reserved port that has two: `"LOCAL"` and `"IN_PORT"` become their numbers. */
export function portOf(port: Port): Port {
  return port === "LOCAL" ? localPort : port === "IN_PORT" ? inPort : port;
}

/** Bits of `value` outside `mask` are zero. */
export interface FieldMatch {
  readonly field: FieldName;
  readonly value: bigint;
  readonly mask: bigint;
}

/**
 * Invariant (prerequisites hold): a field that needs an EtherType or an IP protocol has them in `fields`, exact.
 * `fields` are in the fixed order of the field table, each once, none with a zero mask.
 */
export interface Match {
  readonly inPort?: Port;
  readonly fields: readonly FieldMatch[];
  /** Text of keys the reader did not understand: such a flow can be shown, never reasoned about. */
  readonly unknown?: readonly string[];
}
