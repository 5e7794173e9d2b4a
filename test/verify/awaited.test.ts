/** Connections by name, and whether they are in hardware. */

import { beforeAll, describe, expect, test } from "vitest";
import type { Megaflow } from "../../src/datapath/megaflow.js";
import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import { printAddress } from "../../src/net/address.js";
import { printTraffic } from "../../src/net/traffic.js";
import { type AwaitedConnection, readAwaited } from "../../src/verify/awaited/awaited.js";
import { missingOf } from "../../src/verify/awaited/in-hardware.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { sampleBridges, sampleInventory, sampleNode, samplePolicy } from "../support/sample.js";
import { type SampleRail, sampleRail } from "../support/sample-rail.js";
import {
  asOffloaded,
  type VerifiedRail,
  verdictOf,
  verifiedRail,
} from "../support/verified-rail.js";

let sample: SampleRail;
beforeAll(async () => {
  sample = await sampleRail(`${samplePolicy}/acp.policy`, sampleInventory, sampleNode, "pf1");
});
const read = (name: string) => readAwaited(name, sample.policy, sample.inventory, ["pf1"]);

describe("names", () => {
  test.each([
    ["10.101.0.16->10.101.0.32:roce", ["10.101.0.16 10.101.0.32 udp 4791"]],
    [" 10.101.0.16 -> 10.101.0.32 : 4791/udp ", ["10.101.0.16 10.101.0.32 udp 4791"]],
    ["10.101.0.16->10.200.1.1:nfs", ["10.101.0.16 10.200.1.1 tcp 2049,20048"]],
  ])("%s", (name, expected) => {
    const reading = read(name);
    expect("connections" in reading ? reading.connections.map(words) : reading).toEqual(expected);
  });

  test("a pod stands for all its addresses, each with those of its own family", () => {
    const pod = sample.inventory.endpoints.find(({ rail }) => rail === "pf1");
    const other = sample.inventory.endpoints.find(
      (one) => one.rail === "pf1" && one.namespace === pod?.namespace && one.pod !== pod.pod,
    );
    const reading = read(`${pod?.namespace}/${pod?.pod}->${other?.namespace}/${other?.pod}:roce`);
    if (!("connections" in reading)) throw new Error(JSON.stringify(reading));
    expect(reading.connections.length).toBeGreaterThan(0);
    for (const { opener, answerer } of reading.connections) {
      expect(opener.family).toBe(answerer.family);
      expect(pod?.addresses).toContainEqual(opener);
      expect(other?.addresses).toContainEqual(answerer);
    }
  });

  test.each([
    ["roce", "shape"],
    ["a->b", "shape"],
    ["10.101.0.16->10.101.0.32:rocee", "unknown-service"],
    ["10.101.0.16->10.101.0.32:70000/udp", "unknown-service"],
    ["10.101.0.16->nobody/nowhere:roce", "unknown-side"],
    ["10.101.0.16->10.101.0.32:22/tcp", "not-allowed"],
    ["10.101.0.16->fd00:101::20:roce", "not-allowed"],
  ])("%s is refused: %s", (name, kind) => {
    expect(read(name)).toMatchObject({ problem: { kind } });
  });
});

function words({ opener, answerer, traffic }: AwaitedConnection): string {
  return `${printAddress(opener)} ${printAddress(answerer)} ${printTraffic(traffic)}`;
}

describeWithOpenVswitch("in hardware", () => {
  let rail: VerifiedRail;
  let good: string;
  beforeAll(async () => {
    rail = await verifiedRail(await testSwitch({ bridges: sampleBridges }));
    good = asOffloaded(rail.dump);
  });

  function missing(name: string | undefined, dump: string): readonly unknown[] {
    const reading = name === undefined ? { connections: [] } : read(name);
    if (!("connections" in reading)) throw new Error(JSON.stringify(reading));
    return missingOf([verdictOf(rail, { dump })], reading.connections);
  }

  const roce = "10.101.0.16->10.101.0.32:roce";
  const line = () =>
    good.split("\n").find((one) => /src=10\.101\.0\.16,dst=10\.101\.0\.32,proto=17/.test(one)) ??
    "";

  test("there, and offloaded", () => {
    expect(missing(roce, good)).toEqual([]);
    expect(missing("10.101.0.16->10.200.1.1:nfs", good)).toEqual([]);
  });

  test("nobody has sent a packet", () => {
    expect(missing(roce, good.replace(line(), ""))).toMatchObject([{ software: [] }]);
    // another source's, and another port's, are not it
    expect(missing("10.101.0.32->10.101.0.16:nccl", good)).toHaveLength(1);
    expect(missing("10.101.0.16->10.101.0.32:nccl", good)).toHaveLength(1);
  });

  test("there, and on the CPU", () => {
    const software = good.replace(line(), line().replace("offloaded:yes, ", ""));
    expect(missing(roce, software)).toMatchObject([{ software: [{ state: "software-tc" }] }]);
  });

  test("the answers of TCP count too, once they are there", () => {
    const nfs = good.split("\n").find((one) => /proto=6.*dst=2049/.test(one)) ?? "";
    expect(nfs).not.toBe("");
    const answer = nfs
      .replace("in_port(pf0vf0)", "in_port(p0)")
      .replace(/ipv4\(src=[^,]*,dst=[^,]*/, "ipv4(src=10.200.1.1,dst=10.101.0.16")
      .replace(/tcp\(src=[^,]*,dst=[^)]*\)(,tcp_flags\([^)]*\))?/, "tcp(src=2049,dst=900/0)")
      .replace("offloaded:yes, ", "");
    const awaited = read("10.101.0.16->10.200.1.1:nfs");
    if (!("connections" in awaited)) throw new Error("it is allowed");
    // found by what it matches alone: whether it should be there is another question
    const [verdict] = [verdictOf(rail, { dump: nfs })];
    const [rule] = verdict.rules.filter(({ connections }) => connections.length > 0);
    const [connection] = rule?.connections ?? [];
    if (rule === undefined || connection === undefined) throw new Error("it was sent");
    const megaflow = readMegaflows({ name: "dump", text: answer }).megaflows[0] as Megaflow;
    const back = { ...connection, megaflow, state: "software-tc" as const };
    const both = { ...verdict, rules: [{ ...rule, connections: [connection, back] }] };
    expect(missingOf([verdict], awaited.connections)).toEqual([]);
    expect(missingOf([both], awaited.connections)).toMatchObject([{ software: [back] }]);
  });

  test("without a name every rule is awaited, idle ones too", () => {
    expect(missing(undefined, good)).toMatchObject([{ rule: { state: "idle" } }]);
    expect(missing(undefined, "")).toHaveLength(3);
  });
});
