/** Bundles over a connection of our own: all of it or nothing, and told which. */

import { join } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Flow } from "../../src/openflow/flow.js";
import { writeBundleAdd, writeBundleStep } from "../../src/openflow/wire/bundle.js";
import { readFlowTexts } from "../../src/switch/flow-text.js";
import type { Bundle } from "../../src/switch/open-vswitch.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import { commitBundle, countFlows } from "../../src/switch/openflow-bundle.js";
import { OpenflowConnection } from "../../src/switch/openflow-connection.js";
import { PrintedFlow } from "../../src/switch/printed-flow.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { addressFlow, flowTo, manyFlows } from "../support/hand-made-rail.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

const ports = new Map([["p0", 1]]);
const timeoutMs = 5_000;

const adding = (flows: readonly Flow[]): Bundle => ({
  adds: flows.map((flow) => new PrintedFlow(flow, ports)),
  deletes: [],
});

describeWithOpenVswitch("a bundle over a connection of our own", () => {
  let own: PrivateSwitch;
  let path: string;
  beforeAll(async () => {
    own = await testSwitch({ bridges: [{ name: "br-pf1", ports: ["p0"] }] });
    path = join(own.runDirectory, "br-pf1.mgmt");
  });
  beforeEach(async () => {
    await own.ofctl("del-flows", "br-pf1");
  });
  const dump = async () =>
    readFlowTexts(await own.ofctl("--no-stats", "--no-names", "dump-flows", "br-pf1"));

  test("adds and deletes what it should, cookies and all", async () => {
    const { adds } = adding(manyFlows(3_000));
    expect(await commitBundle(path, { adds, deletes: [] }, timeoutMs)).toBe(true);
    expect(await countFlows(path, timeoutMs)).toBe(3_000);
    const seen = await dump();
    expect(new Set(seen.map((line) => JSON.stringify(line)))).toEqual(
      new Set(adds.map((line) => JSON.stringify(line))),
    );
    // some as they were printed, some as they were read from the switch
    const deletes = [...adds.slice(0, 10), ...seen.filter((line) => /10\.0\.1\./.test(line.match))];
    expect(await commitBundle(path, { adds: [], deletes }, timeoutMs)).toBe(true);
    expect(await countFlows(path, timeoutMs)).toBe(3_000 - 10 - 256);
  });

  test("deletes no flow of somebody else in the place of ours", async () => {
    const flow = addressFlow(1, "p0");
    await own.ofctl("add-flow", "br-pf1", "table=3,priority=100,ip,nw_dst=10.0.0.1 actions=drop");
    const bundle = { adds: [], deletes: adding([flow]).adds };
    expect(await commitBundle(path, bundle, timeoutMs)).toBe(true);
    expect(await dump()).toHaveLength(1);
  });

  const backwards = flowTo(5, [{ kind: "goto", table: 1 }]);
  const resubmitting = flowTo(5, [{ kind: "resubmit", table: 9 }]);
  test.each([
    ["a flow that Open vSwitch refuses", backwards],
    ["a flow that the bytes cannot say", resubmitting],
    ["a port that nobody knows", addressFlow(5, "p9")],
  ])("does nothing and says so at %s", async (_, flow) => {
    const bundle = adding([...manyFlows(2_000), flow, addressFlow(3_000, "p0")]);
    expect(await commitBundle(path, bundle, timeoutMs)).toBe(false);
    expect(await dump()).toEqual([]);
  });

  test("says so where there is no such bridge, or it does not speak OpenFlow 1.4", async () => {
    const elsewhere = join(own.runDirectory, "br-pf7.mgmt");
    expect(await commitBundle(elsewhere, adding(manyFlows(1)), timeoutMs)).toBe(false);
    expect(await countFlows(elsewhere, timeoutMs)).toBeUndefined();
    await own.vsctl("set", "bridge", "br-pf1", "protocols=OpenFlow10,OpenFlow15");
    expect(await commitBundle(path, adding(manyFlows(1)), timeoutMs)).toBe(false);
    await own.vsctl("clear", "bridge", "br-pf1", "protocols");
    await expect.poll(() => countFlows(path, timeoutMs)).toBe(0);
  });

  test("ends in time where ovs-vswitchd hangs", async () => {
    const pid = await forwardingPid();
    process.kill(pid, "SIGSTOP");
    try {
      await expect(commitBundle(path, adding(manyFlows(1)), 200)).rejects.toMatchObject({
        kind: "timeout",
        message: "ovs-vswitchd gave no answer within 200 ms",
      });
    } finally {
      process.kill(pid, "SIGCONT");
    }
    // the commit was never sent
    expect(await countFlows(path, timeoutMs)).toBe(0);
  });

  test("cut off before the commit, it leaves nothing", async () => {
    const connection = await closedBundle();
    connection.close();
    expect(await countFlows(path, timeoutMs)).toBe(0);
  });

  test("cut off after the commit, it is done before anybody can look", async () => {
    const connection = await closedBundle();
    const pid = await forwardingPid();
    process.kill(pid, "SIGSTOP");
    try {
      writeBundleStep(connection.writer, connection.nextXid(), "commit");
      await connection.flush();
      connection.close();
      const count = countFlows(path, timeoutMs);
      process.kill(pid, "SIGCONT");
      expect(await count).toBe(1);
    } finally {
      process.kill(pid, "SIGCONT");
    }
  });

  async function closedBundle(): Promise<OpenflowConnection> {
    const connection = await OpenflowConnection.open(path, timeoutMs);
    const flow = addressFlow(1, "p0");
    writeBundleStep(connection.writer, connection.nextXid(), "open");
    writeBundleAdd(connection.writer, connection.nextXid(), { command: "add", flow }, ports);
    const xid = connection.nextXid();
    writeBundleStep(connection.writer, xid, "close");
    await connection.ask(xid);
    return connection;
  }

  async function forwardingPid(): Promise<number> {
    const ovs = new OpenVswitch({ runDirectory: own.runDirectory });
    return Number((await ovs.generation())?.split("@")[0]);
  }
});
