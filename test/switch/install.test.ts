/** Installing on a real switch: all or nothing, and nothing of others. */

import { beforeAll, beforeEach, expect, test } from "vitest";
import { install, planInstall, uninstall } from "../../src/switch/install.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { addressFlow, flowTo, manyFlows, railOf } from "../support/hand-made-rail.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

const foreignFlow = "cookie=0x5, priority=7,arp actions=NORMAL";

describeWithOpenVswitch("installing", () => {
  let own: PrivateSwitch;
  let ovs: OpenVswitch;
  beforeAll(async () => {
    own = await testSwitch({ bridges: [{ name: "br-pf1", ports: ["p0", "pf0vf0"] }] });
    ovs = new OpenVswitch({ runDirectory: own.runDirectory });
  });
  beforeEach(async () => {
    await own.ofctl("del-flows", "br-pf1");
    await own.ofctl("add-flow", "br-pf1", "table=0,cookie=5,priority=7,arp actions=normal");
  });
  const dump = () => own.ofctl("--no-stats", "dump-flows", "br-pf1");

  test("an empty bridge gets every flow, and foreign flows stay", async () => {
    const report = await install(ovs, railOf(manyFlows(3)));
    expect(report.sent).toBe(true);
    expect(report.plan).toMatchObject({ changes: [], deletes: [], unchanged: 0 });
    expect(report.plan.adds).toHaveLength(3);
    expect(report.plan.foreign).toHaveLength(1);
    expect(await dump()).toContain(foreignFlow);
    expect(await dump()).toContain("priority=100,ip,nw_dst=10.0.0.2 actions=output:1");
  });

  test("a second time sends nothing", async () => {
    await install(ovs, railOf(manyFlows(3)));
    const again = await install(ovs, railOf(manyFlows(3)));
    expect(again.sent).toBe(false);
    expect(again.plan.unchanged).toBe(3);
  });

  test("a plan sends nothing and names adds, changes and deletes", async () => {
    await install(ovs, railOf(manyFlows(3)));
    const before = await dump();
    const next = [addressFlow(0, "p0"), addressFlow(1, "pf0vf0"), addressFlow(9, "p0")];
    const plan = await planInstall(ovs, railOf(next));
    expect(plan.unchanged).toBe(1);
    expect(plan.adds.map(({ match }) => match)).toEqual(["priority=100,ip,nw_dst=10.0.0.9"]);
    expect(plan.changes.map(({ before, after }) => [before.actions, after.actions])).toEqual([
      ["output:1", "output:2"],
    ]);
    expect(plan.deletes.map(({ match }) => match)).toEqual(["priority=100,ip,nw_dst=10.0.0.2"]);
    expect(await dump()).toBe(before);
  });

  test("counters of unchanged flows survive a change of others", async () => {
    await own.ofctl("add-flow", "br-pf1", "table=0,priority=1 actions=resubmit(,3)");
    await install(ovs, railOf(manyFlows(2)));
    const packet =
      "in_port(1),eth(src=0a:00:00:00:00:01,dst=0a:00:00:00:00:02),eth_type(0x0800),ipv4(src=10.9.9.9,dst=10.0.0.1,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=2)";
    await own.inject("pf0vf0", packet);
    const counters = () => own.ofctl("dump-flows", "br-pf1", "table=3,ip,nw_dst=10.0.0.1");
    await expect.poll(counters).toContain("n_packets=1,");
    await install(ovs, railOf([addressFlow(0, "pf0vf0"), addressFlow(1, "p0")]));
    expect(await counters()).toContain("n_packets=1,");
  });

  test("uninstalling takes away ours and leaves the rest", async () => {
    await install(ovs, railOf(manyFlows(3)));
    const report = await uninstall(ovs, "br-pf1");
    expect(report.plan.deletes).toHaveLength(3);
    expect((await dump()).trim().split("\n").slice(-1)[0]?.trim()).toBe(foreignFlow);
    expect((await uninstall(ovs, "br-pf1")).sent).toBe(false);
  });

  test("a foreign flow in the place of ours is never overwritten", async () => {
    await own.ofctl(
      "add-flow",
      "br-pf1",
      "table=3,cookie=5,priority=100,ip,nw_dst=10.0.0.1 actions=drop",
    );
    const before = await dump();
    await expect(install(ovs, railOf(manyFlows(3)))).rejects.toMatchObject({
      kind: "foreign-flow",
      flow: "cookie=0x5,table=3,priority=100,ip,nw_dst=10.0.0.1 actions=drop",
    });
    expect(await dump()).toBe(before);
  });

  test("a flow of ours that got a time-out by hand is put right", async () => {
    await install(ovs, railOf(manyFlows(2)));
    await own.ofctl(
      "add-flow",
      "br-pf1",
      "table=3,cookie=0x7266000000000001,idle_timeout=600,send_flow_rem,priority=100,ip,nw_dst=10.0.0.1 actions=output:1",
    );
    const report = await install(ovs, railOf(manyFlows(2)));
    expect(report.plan.changes.map(({ before }) => before.extras)).toEqual([
      "idle_timeout=600, send_flow_rem",
    ]);
    expect(await dump()).not.toContain("idle_timeout");
  });

  test("a flow refused in the middle of the bundle changes nothing and names the rule", async () => {
    await install(ovs, railOf(manyFlows(2)));
    const before = await dump();
    const group = [{ kind: "unknown", text: "group:9" }] as const;
    const flows = [addressFlow(0, "pf0vf0"), flowTo(1, group), addressFlow(2, "p0")];
    await expect(install(ovs, railOf(flows))).rejects.toMatchObject({
      kind: "flow-refused",
      message:
        "Open vSwitch refused a flow of rule `allow search <-> speech : roce` at acp.policy:2:1: OFPBAC_BAD_OUT_GROUP",
      flow: expect.stringContaining("priority=100,ip,nw_dst=10.0.0.1 actions=group:9"),
    });
    expect(await dump()).toBe(before);
  });

  test("a flow that ovs-ofctl cannot read changes nothing and names the rule", async () => {
    const before = await dump();
    const nonsense = [{ kind: "unknown", text: "teleport" }] as const;
    await expect(
      install(ovs, railOf([addressFlow(0, "p0"), flowTo(1, nonsense)])),
    ).rejects.toMatchObject({
      kind: "flow-refused",
      message: expect.stringContaining("acp.policy:2:1: unknown action teleport"),
      flow: expect.stringContaining("nw_dst=10.0.0.1 actions=teleport"),
    });
    expect(await dump()).toBe(before);
  });

  test("100,000 flows", async () => {
    const flows = manyFlows(100_000);
    expect((await install(ovs, railOf(flows))).flows).toBe(100_000);
    expect((await install(ovs, railOf(flows))).sent).toBe(false);
    const fewer = await install(ovs, railOf(flows.slice(1)));
    expect(fewer.plan.deletes).toHaveLength(1);
    await uninstall(ovs, "br-pf1");
    expect(await dump()).toContain(foreignFlow);
  });
});
