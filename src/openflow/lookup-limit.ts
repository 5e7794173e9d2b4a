/**
 * How far `resubmit` is followed. Open vSwitch drops a packet that goes further, whatever was sent of it before
 * (xlate_resubmit_resource_check() and the end of xlate_actions() of ofproto/ofproto-dpif-xlate.c; seen in 3.1.0).
 */

/** MAX_DEPTH there: that many inside each other, of those that count. */
export const deepestResubmit = 64;

/** Those to a later table do not count: they end by themselves. */
export function deepens(from: number, to: number): boolean {
  return to <= from;
}

/** MAX_RESUBMITS there: lookups for one packet beside the first, by `resubmit` or `goto_table`. */
export const mostResubmits = 4096;

/**
 * Lookups for one packet, as `lookupsAfter` counts them. The prover stands in all of them at once, for which there would
 * be no room on the stack: it stops before Open vSwitch does, and says so.
 */
export const mostLookups = 512;

/**
 * Lookups once another `resubmit` is made from that table. The tables that `goto_table` led through before the first one
 * are taken for as many as there can be, so that nobody has to count where nothing is ever resubmitted.
 */
export function lookupsAfter(before: number, table: number): number {
  return (before === 0 ? table : before) + 1;
}
