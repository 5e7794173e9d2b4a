/**
 * What `bridge/dump-flows` of the control socket prints (ofproto/ofproto.c, flow_stats_ds()):
 *
 *     table_id=3, duration=1s, n_packets=0, n_bytes=0, priority=100,ip,nw_dst=10.0.0.1,actions=output:1
 */

import type { FlowPlace } from "./flow-map.js";
import { withoutDefaultPriority } from "./flow-text.js";

/** TBL_INTERNAL of ofproto/ofproto-dpif.h: Open vSwitch's own flows, which OpenFlow never shows. */
const hiddenTable = 254;

const comma = 44;
const tableLabel = "table_id=";
const bytesLabel = ", n_bytes=";
const actionsLabel = "actions=";

/** Every flow in turn, until `visit` says false; whether it never did. Lines that are no flows are passed over. */
export function everyFlow(
  dump: string,
  visit: (place: FlowPlace, actions: string) => boolean,
): boolean {
  for (let start = 0; start < dump.length; ) {
    const newline = dump.indexOf("\n", start);
    const end = newline < 0 ? dump.length : newline;
    const actionsAt = dump.indexOf(actionsLabel, start);
    if (actionsAt < 0) return true;
    if (actionsAt < end) {
      const place = placeIn(dump, start, actionsAt);
      const actions = dump.slice(actionsAt + actionsLabel.length, end);
      if (place !== undefined && place.table !== hiddenTable && !visit(place, actions))
        return false;
    }
    start = end + 1;
  }
  return true;
}

function placeIn(dump: string, start: number, actionsAt: number): FlowPlace | undefined {
  const bytesAt = dump.indexOf(bytesLabel, start);
  const matchAt = dump.indexOf(", ", bytesAt + bytesLabel.length) + 2;
  if (bytesAt < 0 || matchAt < 2 || matchAt > actionsAt) return undefined;
  const isTabled = dump.startsWith(tableLabel, start);
  const table = isTabled ? Number.parseInt(dump.slice(start + tableLabel.length, bytesAt), 10) : 0;
  const matchEnd = dump.charCodeAt(actionsAt - 1) === comma ? actionsAt - 1 : actionsAt;
  // `n_bytes=0, actions=drop` of a flow that matches everything with the default priority
  const match = dump.slice(matchAt, Math.max(matchAt, matchEnd));
  return { table, match: withoutDefaultPriority(match) };
}
