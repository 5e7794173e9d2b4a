/** Refusals in ovs-vswitchd's log: recorded from OVS 3.1.0 at debug level, and in the shapes that public logs have. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readRefusals } from "../../../src/verify/evidence/vswitchd-log.js";

const file = new URL("recorded/vswitchd-log.txt", import.meta.url).pathname;
const recorded = readFileSync(file, "utf8");
const refusals = readRefusals(recorded);
const of = (ufid: string) => refusals.find((one) => one.ufid?.startsWith(ufid));

describe("at debug level each refusal has its cause and its flow", () => {
  test("the driver's words, where it was asked for hardware alone", () => {
    expect(of("a2087e3e")).toMatchObject({
      device: "rep1",
      error: "Operation not supported",
      cause: { by: "driver", message: "fakesw: output port is not on this eswitch" },
    });
  });

  test("a table that is full", () => {
    expect(of("a49a1521")).toMatchObject({
      error: "No space left on device",
      cause: { by: "driver", message: "fakesw: hardware flow table is full" },
    });
  });

  test("OVS's own words", () => {
    const own = refusals.filter(({ cause }) => cause?.by === "tc");
    expect(own.length).toBeGreaterThan(0);
    for (const { lines } of own) expect(lines).toHaveLength(2);
    expect(new Set(own.map(({ cause }) => cause?.message))).toEqual(
      new Set([
        "offloading attribute skb_priority isn't supported",
        "unsupported put action type: 2",
      ]),
    );
  });

  test("every line that is quoted stands in the log, and of each flow there is one refusal", () => {
    const lines = new Set(recorded.split("\n"));
    for (const refusal of refusals) for (const line of refusal.lines) expect(lines).toContain(line);
    const ufids = refusals.flatMap(({ ufid }) => ufid ?? []);
    expect(new Set(ufids).size).toBe(ufids.length);
  });

  test("what an earlier process was refused is not of this one", () => {
    expect(recorded).toContain("0bfd84fc-2685-4bfd-899f-692255896abc");
    expect(of("0bfd84fc")).toBeUndefined();
  });
});

describe("other shapes", () => {
  test("without debug level the port is named, and neither flow nor cause", () => {
    const line =
      "2022-11-09T09:44:47.380Z|00011|dpif_netlink(handler1)|ERR|failed to offload flow: No such file or directory: ovn-f14c0f-0";
    expect(readRefusals(line)).toEqual([
      {
        lines: [line],
        time: "2022-11-09T09:44:47.380Z",
        error: "No such file or directory",
        device: "ovn-f14c0f-0",
      },
    ]);
  });

  test("OVS 3.7 has other module names", () => {
    const text = [
      "t|1|dpif_offload_tc_netdev(handler1)|DBG|offloading attribute pkt_mark isn't supported",
      "t|2|dpif_offload_tc(handler1)|DBG|failed to offload flow: Operation not supported: rep1",
    ].join("\n");
    expect(readRefusals(text)).toMatchObject([
      { cause: { by: "tc", message: "offloading attribute pkt_mark isn't supported" } },
    ]);
  });

  test("threads write between each other's lines", () => {
    const ufids = ["1", "2"].map((digit) => `${digit.repeat(8)}-0000-0000-0000-000000000000`);
    const text = [
      "t|1|netlink_socket(handler1)|DBG|received NAK error=95 - mlx5_core: first",
      "t|1|netlink_socket(handler2)|DBG|received NAK error=95 - mlx5_core: second",
      "t|2|dpif_netlink(handler2)|DBG|failed to offload flow: Operation not supported: rep2",
      "t|2|dpif_netlink(handler1)|DBG|failed to offload flow: Operation not supported: rep1",
      `t|3|dpif_netlink(handler1)|DBG|system@ovs-system: put[create] ufid:${ufids[0]} recirc_id(0)`,
      `t|3|dpif_netlink(handler2)|DBG|system@ovs-system: put[create] ufid:${ufids[1]} recirc_id(0)`,
    ].join("\n");
    expect(readRefusals(text)).toMatchObject([
      { ufid: ufids[0], device: "rep1", cause: { message: "mlx5_core: first" } },
      { ufid: ufids[1], device: "rep2", cause: { message: "mlx5_core: second" } },
    ]);
  });

  test("a cause is of the next flow alone", () => {
    const text = [
      "t|1|netlink_socket(handler1)|DBG|received NAK error=95 - Operation not supported",
      "t|2|dpif_netlink(handler1)|DBG|put[create] ufid:11111111-0000-0000-0000-000000000000 x",
      "t|3|dpif_netlink(handler1)|DBG|failed to offload flow: Operation not supported: rep1",
    ].join("\n");
    expect(readRefusals(text)).toHaveLength(1);
    expect(readRefusals(text)[0]).not.toHaveProperty("cause");
  });

  test("anything else is no refusal", () => {
    expect(readRefusals("")).toEqual([]);
    expect(readRefusals("|||\n\u0000|a|b|c|d\nfailed to offload flow: x: y")).toEqual([]);
  });
});
