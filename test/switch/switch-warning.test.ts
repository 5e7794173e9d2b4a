/** A bridge that forwards everything once its flows are gone: what install and the Fence say about it. */

import { rmSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { Fence } from "../../src/switch/fence.js";
import { install } from "../../src/switch/install.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { inventoryOf, policyOf } from "../support/checked.js";
import { manyFlows, railOf } from "../support/hand-made-rail.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

const policy = policyOf("rail pf1\ntenant blue { namespace blue-* }");
const inventory = inventoryOf({
  version: 1,
  rails: { pf1: { mode: "bridged", subnets: ["10.101.0.0/16"] } },
  nodes: { "gpu-001": { rails: { pf1: { bridge: "br-pf1", uplink: "p0" } } } },
  endpoints: [],
});
const rail = railOf(manyFlows(2, "p0"));

describeWithOpenVswitch("a bridge as `ovs-vsctl add-br` makes it", () => {
  let own: PrivateSwitch;
  let ovs: OpenVswitch;
  beforeEach(async () => {
    own = await testSwitch({ bridges: [] });
    await own.vsctl(
      ...["add-br", "br-pf1", "--", "set", "bridge", "br-pf1", "datapath_type=dummy"],
      ...["--", "add-port", "br-pf1", "p0", "--", "set", "interface", "p0", "type=dummy"],
    );
    ovs = new OpenVswitch({ runDirectory: own.runDirectory });
    return () => own.stop();
  });
  const dump = () => own.ofctl("--no-stats", "dump-flows", "br-pf1");
  const kinds = async () => (await install(ovs, rail)).warnings.map(({ kind }) => kind);

  test("install warns of the mode and of Open vSwitch's own flow, which both let frames past", async () => {
    expect((await install(ovs, rail)).warnings).toMatchObject([
      {
        kind: "fail-mode",
        bridge: "br-pf1",
        message: "bridge `br-pf1` has no fail_mode, which Open vSwitch takes as `standalone`",
        help: expect.stringContaining("ovs-vsctl set-fail-mode br-pf1 secure"),
      },
      { kind: "normal-flow", flow: "cookie=0x0,table=0,priority=0 actions=NORMAL" },
    ]);
  });

  test("a restart empties the bridge and leaves it forwarding, as the warning says", async () => {
    await install(ovs, rail);
    await own.stopForwarding();
    await own.startForwarding();
    await expect.poll(dump).toContain("priority=0 actions=NORMAL");
    expect(await dump()).not.toContain("cookie=0x7266");
  });

  test("what the help says to do empties the bridge; installed again, nothing is left to warn of", async () => {
    await install(ovs, rail);
    await own.vsctl("set-fail-mode", "br-pf1", "secure");
    expect(await dump()).not.toContain("actions=");
    expect(await kinds()).toEqual([]);
    await own.stopForwarding();
    await own.startForwarding();
    expect(await dump()).not.toContain("actions=");
  });

  test("`standalone` in so many words is the same; the flow alone is told too", async () => {
    await own.vsctl("set-fail-mode", "br-pf1", "standalone");
    const { warnings } = await install(ovs, rail);
    expect(warnings[0]?.message).toBe("bridge `br-pf1` has fail_mode `standalone`");
    await own.vsctl("set-fail-mode", "br-pf1", "secure");
    expect(await kinds()).toEqual([]);
    await own.ofctl("add-flow", "br-pf1", "priority=0,actions=normal");
    expect(await kinds()).toEqual(["normal-flow"]);
  });

  test("of a bridge elsewhere, or without a database, nothing is said about the mode", async () => {
    await own.ofctl("--strict", "del-flows", "br-pf1", "table=0,priority=0");
    const bridgeTarget = `unix:${own.runDirectory}/br-pf1.mgmt`;
    expect((await install(new OpenVswitch({ bridgeTarget }), rail)).warnings).toEqual([]);
    expect(await kinds()).toEqual(["fail-mode"]);
    rmSync(`${own.runDirectory}/db.sock`);
    expect(await kinds()).toEqual([]);
  });

  test("a fence has the warnings of its opening, and `check` those of today", async () => {
    const fence = await Fence.open({ policy, inventory, switch: ovs, node: "gpu-001" });
    const both = ["fail-mode", "normal-flow"];
    expect(fence.warnings.map(({ kind }) => kind)).toEqual(both);
    const today = async () =>
      (await fence.check()).flatMap(({ warnings }) => warnings.map(({ kind }) => kind));
    expect(await today()).toEqual(both);
    await own.vsctl("set-fail-mode", "br-pf1", "secure");
    await fence.repair();
    expect(await today()).toEqual([]);
  });
});
