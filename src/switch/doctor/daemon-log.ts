/**
 * What ovs-vswitchd's log says of offload since the process started. The words are those of Open vSwitch 3.1 and, where
 * they changed, of 3.7: lib/netdev-offload.c, lib/dpif-offload.c, lib/tc.c, lib/netdev-linux.c, ofproto/ofproto-dpif-upcall.c.
 */

import type { DaemonLog, LogComplaint } from "../../verify/doctor/node-facts.js";

// a process counts its messages from 1; `vlog/reopen` after a rotation writes the same words with a higher number
const start = /\|00001\|vlog\|INFO\|opened log file /;
const enabled = /\|netdev: Flow API Enabled|\|Flow HW offload is enabled/;
const policy = /\|tc(?:\([^)]*\))?\|INFO\|tc: Using policy '([^']+)'/;

const complaints: readonly (readonly [LogComplaint["kind"], RegExp])[] = [
  ["no-flow-api", /: No suitable flow API found/],
  ["qdisc-failed", /failed adding ingress qdisc required for offloading/],
  ["recirculation", /recirc_id sharing not supported/],
  ["other-filter-in-kernel", /acknowledgment does not match request/],
  ["flow-limit", /upcall: datapath reached the dynamic limit of/],
  ["offload-failed", /failed to offload flow: /],
];

export const interestingInLog: RegExp = new RegExp(
  [start, enabled, policy, ...complaints.map(([, pattern]) => pattern)]
    .map(({ source }) => source)
    .join("|"),
);

export function readDaemonLog(path: string, lines: readonly string[]): DaemonLog {
  const startAt = lines.findLastIndex((line) => start.test(line));
  const since = lines.slice(startAt + 1);
  const tcPolicy = since
    .map((line) => policy.exec(line)?.[1])
    .filter((found) => found !== undefined)
    .at(-1);
  return {
    path,
    reachesStart: startAt >= 0,
    flowApiEnabled: since.some((line) => enabled.test(line)),
    ...(tcPolicy === undefined ? {} : { tcPolicy }),
    complaints: complaints.flatMap(([kind, pattern]) => {
      const found = since.filter((line) => pattern.test(line));
      const last = found.at(-1);
      return last === undefined ? [] : [{ kind, count: found.length, last }];
    }),
  };
}
