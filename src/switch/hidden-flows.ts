/**
 * Flows that OpenFlow does not show: Open vSwitch makes them by itself above every priority that a controller may use
 * (ofproto_rule_is_hidden() of ofproto/ofproto.c), for in-band control (ofproto/in-band.c) and while a bridge in
 * standalone mode has lost its controller (ofproto/fail-open.c). All of them forward by NORMAL, past every fence.
 */

/** Largest priority that OpenFlow has. */
const mostShown = 0xffff;

/**
 * Their lines in what `bridge/dump-flows` prints, the table of Open vSwitch's own left out: nothing of ours leads there
 * (TBL_INTERNAL of ofproto/ofproto-dpif.h).
 */
export function hiddenFlowsIn(dump: string): string[] {
  return dump.split("\n").filter((line) => {
    if (line.startsWith("table_id=254,")) return false;
    const [, priority] = /[ ,]priority=(\d+)/.exec(line) ?? [];
    return priority !== undefined && Number(priority) > mostShown;
  });
}
