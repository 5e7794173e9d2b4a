/** How far `resubmit` is followed. */

/** MAX_DEPTH of ofproto/ofproto-dpif-xlate.c: that many inside each other. Those to a later table count here, and not there. */
export const deepestResubmit = 64;

/**
 * Lookups for one packet, beside the first. Open vSwitch drops the packet after 4096, whatever was sent before
 * (MAX_RESUBMITS there). The prover stands in all of them at once, for which there would be no room on the stack: it and
 * whoever confirms it stop earlier and say so.
 */
export const mostLookups = 512;

/**
 * Lookups once another `resubmit` is made from that table. The tables that `goto_table` led through before the first one
 * are taken for as many as there can be, so that nobody has to count where nothing is ever resubmitted.
 */
export function lookupsAfter(before: number, table: number): number {
  return (before === 0 ? table : before) + 1;
}
