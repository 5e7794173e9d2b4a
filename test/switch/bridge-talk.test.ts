/** Bundles over a connection of our own: all of it or nothing, and told which; and what the bridge holds then. */

import { join } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Flow } from "../../src/openflow/flow.js";
import { writeBundleAdd, writeBundleStep } from "../../src/openflow/wire/bundle.js";
import { BridgeTalk } from "../../src/switch/bridge-talk.js";
import { readFlowTexts } from "../../src/switch/flow-text.js";
import type { Bundle } from "../../src/switch/open-vswitch.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
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

async function talking<T>(
  path: string,
  timeoutMs: number,
  work: (talk: BridgeTalk) => Promise<T>,
): Promise<T> {
  const talk = new BridgeTalk(path, timeoutMs);
  try {
    return await work(talk);
  } finally {
    talk.close();
  }
}

const commitBundle = (path: string, bundle: Bundle, timeoutMs: number) =>
  talking(path, timeoutMs, async (talk) => (await talk.commit(bundle)) !== undefined);

const countFlows = (path: string, timeoutMs: number) =>
  talking(path, timeoutMs, (talk) => talk.countFlows());

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

  test("counts the flows of each table, anybody's", async () => {
    const counted = () => talking(path, timeoutMs, (talk) => talk.countTables());
    expect(await counted()).toEqual(new Map());
    await own.ofctl("add-flow", "br-pf1", "table=0,priority=5 actions=normal");
    const { adds } = adding([...manyFlows(300), ...manyFlows(2, "p0", 250)]);
    expect(await commitBundle(path, { adds, deletes: [] }, timeoutMs)).toBe(true);
    expect(await counted()).toEqual(
      new Map([
        [0, 1],
        [3, 300],
        [250, 2],
      ]),
    );
  });

  test("asks what it holds as soon as it is done, in any number of messages", async () => {
    const flows = manyFlows(3_000);
    await own.ofctl("add-flow", "br-pf1", "table=3,priority=7,ip,nw_dst=10.0.0.1 actions=normal");
    const [first] = flows;
    const questions = [
      { match: { fields: [] } },
      { table: 3, match: first?.match ?? expect.fail() },
    ];
    const inquiry = { questions, isAnsweredBy: () => true };
    const done = await talking(path, timeoutMs, (talk) =>
      talk.commit(adding(flows), () => inquiry),
    );
    // somebody else's flow is counted, and not among the answers
    expect(done?.reply).toMatchObject({ ours: 3_000, tables: new Map([[3, 3_001]]) });
    expect(done?.reply?.flows.map(({ length }) => length)).toEqual([3_000, 1]);
    const numbered = { ...first, actions: [{ kind: "output", port: 1 }] };
    expect(done?.reply?.flows[1]).toEqual([numbered]);
  });

  test("what cannot be asked leaves the bundle done", async () => {
    const questions = [{ match: { inPort: "p9", fields: [] } }];
    const inquiry = { questions, isAnsweredBy: () => true };
    const bundle = adding(manyFlows(5));
    const done = await talking(path, timeoutMs, (talk) => talk.commit(bundle, () => inquiry));
    expect(done).toEqual({ reply: undefined });
    expect(await countFlows(path, timeoutMs)).toBe(5);
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
    return Number(ovs.generation()?.split("@")[0]);
  }
});
