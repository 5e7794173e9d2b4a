/** Whether the NIC's counters bear out what Open vSwitch says. */

import { describe, expect, test } from "vitest";
import type { Megaflow } from "../../../src/datapath/megaflow.js";
import { readMegaflows } from "../../../src/datapath/read-megaflows.js";
import { confirmationOf } from "../../../src/verify/evidence/confirmation.js";
import {
  type TcCounters,
  type TcFilter,
  tcFilters,
} from "../../../src/verify/evidence/tc-filter.js";

const ufid = "b824e104-0777-42a0-b613-168293d752ca";
const cookie = "04e124b8a0427707821613b6ca52d793";

function megaflow(layer = "tc"): Megaflow {
  const text = `ufid:${ufid}, recirc_id(0),in_port(v0),eth_type(0x0800),ipv4(frag=no), packets:9, bytes:64, used:0.1s, offloaded:yes, dp:${layer}, actions:p0`;
  return readMegaflows({ name: "dump", text }).megaflows[0] as Megaflow;
}

function filter(counters: Partial<TcCounters>, more: Partial<TcFilter> = {}): TcFilter {
  return {
    device: "v0",
    preference: 2,
    chain: 0,
    handle: "0x1",
    cookie,
    inHardware: true,
    inHardwareCount: 1,
    skipsSoftware: false,
    skipsHardware: false,
    counters: {
      packets: 0,
      hardwarePackets: undefined,
      driverCounts: true,
      installedSeconds: 9,
      lastUsedSeconds: 0,
      ...counters,
    },
    ...more,
  };
}

const tcOf = (...filters: TcFilter[]) => new Map([["v0", tcFilters(filters)]]);
const by = (...filters: TcFilter[]) => confirmationOf(megaflow(), "v0", { tc: tcOf(...filters) });

describe("one reading", () => {
  test("the NIC has counted", () => {
    expect(by(filter({ packets: 9, hardwarePackets: 7 }))).toEqual({
      kind: "confirmed",
      device: "v0",
      hardwarePackets: 7,
      softwarePackets: 2,
    });
  });

  test("the CPU counts long after the NIC took it, and the NIC does not", () => {
    expect(by(filter({ packets: 9 }))).toMatchObject({ kind: "contradicted", softwarePackets: 9 });
  });

  test.each([
    ["nobody has counted", filter({}), "no-packets"],
    [
      "the CPU counted while the NIC may not have been ready",
      filter({ packets: 2, lastUsedSeconds: 8 }),
      "too-early",
    ],
    ["the filter is new", filter({ packets: 2, installedSeconds: 1 }), "too-early"],
    ["tc does not say when", filter({ packets: 2, installedSeconds: undefined }), "too-early"],
    ["the driver answers for nothing", filter({ packets: 9, driverCounts: false }), "no-counters"],
    ["there is no such filter", filter({}, { cookie: "00" }), "no-filter"],
  ] as const)("%s: nothing is concluded", (_, one, because) => {
    expect(by(one)).toEqual({ kind: "open", because });
  });

  test("the kernel says no", () => {
    expect(by(filter({ packets: 9 }, { inHardware: false }))).toEqual({
      kind: "denied",
      device: "v0",
    });
  });

  test("what could not be read is said", () => {
    const tc = new Map([["v0", { unread: "Operation not permitted" }]]);
    const said = "Operation not permitted";
    expect(confirmationOf(megaflow(), "v0", { tc })).toEqual({
      kind: "open",
      because: "unreadable",
      said,
    });
    expect(confirmationOf(megaflow(), "v0", {})).toEqual({ kind: "open", because: "not-asked" });
    expect(confirmationOf(megaflow(), "v1", { tc })).toMatchObject({ because: "unreadable" });
    expect(confirmationOf(megaflow("doca"), "v0", { tc })).toEqual({
      kind: "open",
      because: "other-layer",
      said: "doca",
    });
  });
});

describe("two readings", () => {
  const twice = (before: TcFilter, now: TcFilter) =>
    confirmationOf(megaflow(), "v0", { tc: tcOf(now), tcBefore: tcOf(before) }).kind;

  test("a NIC that counted once and stopped is found out", () => {
    const before = filter({ packets: 100, hardwarePackets: 100 });
    expect(twice(before, filter({ packets: 140, hardwarePackets: 100 }))).toBe("contradicted");
    expect(twice(before, filter({ packets: 140, hardwarePackets: 139 }))).toBe("confirmed");
    expect(twice(before, before)).toBe("confirmed");
  });

  test("a filter that was put in again, or not in hardware before, is judged by itself", () => {
    const now = filter({ packets: 4, hardwarePackets: 2 });
    expect(twice(filter({ packets: 100, hardwarePackets: 2 }), now)).toBe("confirmed");
    expect(
      twice(
        filter({ packets: 0 }, { inHardware: false }),
        filter({ packets: 4, lastUsedSeconds: 9 }),
      ),
    ).toBe("open");
  });
});
