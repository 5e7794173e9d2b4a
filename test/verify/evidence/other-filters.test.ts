/** What ovs-vswitchd's log says of filters that the kernel took otherwise than asked. */

import { expect, test } from "vitest";
import { readOtherFilters } from "../../../src/verify/evidence/other-filters.js";

const start = "2026-11-23T15:09:58.001Z|00001|vlog|INFO|opened log file /run/openvswitch/x.log";
const complaint =
  "2026-11-23T15:10:01.113Z|00001|tc(handler1)|WARN|Kernel flower acknowledgment does not match request!  Set dpif_netlink to dbg to see which rule caused this error.";

test("each complaint is counted, and the last one kept as it stands", () => {
  const last = complaint.replace("01.113", "02.007");
  const log = [start, complaint, "noise", last, ""].join("\r\n");
  expect(readOtherFilters(log)).toEqual({ times: 2, lastLine: last });
});

test("what an earlier ovs-vswitchd said is over", () => {
  expect(readOtherFilters([start, complaint, start].join("\n"))).toBeUndefined();
});

test("no other module is believed to say it", () => {
  expect(readOtherFilters(complaint.replace("tc(handler1)", "unixctl"))).toBeUndefined();
});
