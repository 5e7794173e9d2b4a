/**
 * Flows that OpenFlow does not show: Open vSwitch makes them by itself above every priority that a controller may use
 * (ofproto_rule_is_hidden() of ofproto/ofproto.c), for in-band control (ofproto/in-band.c) and while a bridge in
 * standalone mode has lost its controller (ofproto/fail-open.c). All of them forward by NORMAL, past every fence. Neither
 * OFPMP_FLOW, OFPMP_AGGREGATE nor the counts of OFPMP_TABLE tell of them (tried with 3.1.0).
 */

/** Largest priority that OpenFlow has. */
const mostShown = 0xffff;

/** FAIL_OPEN_PRIORITY of ofproto/fail-open.h; the flows of in-band control begin at 180000 (ofproto/in-band.c). */
const failOpen = 0xf0f0f0;

/**
 * Their lines in what `bridge/dump-flows` prints, the table of Open vSwitch's own left out: nothing of ours leads there
 * (TBL_INTERNAL of ofproto/ofproto-dpif.h).
 */
export function hiddenFlowsIn(dump: string): string[] {
  return dump.split("\n").filter((line) => {
    if (line.startsWith("table_id=254,")) return false;
    const priority = priorityOf(line);
    return priority !== undefined && priority > mostShown;
  });
}

/** Whether it is the one that forwards everything, because the controller was lost. */
export function isFailOpen(line: string): boolean {
  return priorityOf(line) === failOpen;
}

/** `priority=180000,udp,... actions=NORMAL`: without what counts. */
export function withoutCounters(line: string): string {
  return line.replace(/^.*?(?=priority=)/, "").replace(/,(?=actions=)/, " ");
}

function priorityOf(line: string): number | undefined {
  const [, priority] = /[ ,]priority=(\d+)/.exec(line) ?? [];
  return priority === undefined ? undefined : Number(priority);
}
