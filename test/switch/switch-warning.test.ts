/** A bridge that does more than its flows: what install, the Fence and a recording say about it, and whether the help helps. */

import { rmSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { readBridgeState } from "../../src/switch/bridge-state.js";
import { Fence } from "../../src/switch/fence.js";
import { install } from "../../src/switch/install.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import { isEmpty } from "../../src/switch/plan.js";
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
        when: "later",
        message: "bridge `br-pf1` has no fail_mode, which Open vSwitch takes as `standalone`",
        help: expect.stringContaining("ovs-vsctl set-fail-mode br-pf1 secure"),
      },
      { kind: "normal-flow", when: "now", flow: "cookie=0x0,table=0,priority=0 actions=NORMAL" },
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

/** Open vSwitch makes and takes away its own flows in its own time; a lost controller it gives up after some 10 s. */
const inItsOwnTime = { timeout: 25_000, interval: 100 };

describeWithOpenVswitch("a bridge that does more than its flows say", () => {
  let own: PrivateSwitch;
  let ovs: OpenVswitch;
  beforeEach(async () => {
    own = await testSwitch({ bridges: [{ name: "br-pf1", ports: ["p0", "pf0vf1"] }] });
    ovs = new OpenVswitch({ runDirectory: own.runDirectory });
    return () => own.stop();
  });
  const warnings = async () => (await install(ovs, rail)).warnings;
  const kinds = async () => (await warnings()).map(({ kind }) => kind);
  const hidden = () => ovs.dumpHiddenFlows("br-pf1");
  const ours = async () =>
    (await ovs.readFlowTexts("br-pf1")).filter(({ cookie }) => cookie.startsWith("0x7266")).length;
  /** ARP from a pod that calls itself the controller: no flow of the rail lets it anywhere. */
  const spoofed = () =>
    own.trace("br-pf1", "in_port=2,arp,arp_op=1,arp_spa=127.0.0.1,arp_tpa=10.101.0.9");
  const setController = async () => {
    await own.vsctl("set-controller", "br-pf1", "tcp:127.0.0.1:1");
    await expect.poll(hidden, inItsOwnTime).not.toEqual([]);
  };

  test("flows for in-band control, which no dump of ovs-ofctl shows, are told, and the first help takes them away alone", async () => {
    await setController();
    const { flows, warnings } = await install(ovs, rail);
    expect(warnings).toMatchObject([
      {
        kind: "in-band",
        bridge: "br-pf1",
        when: "now",
        message:
          "bridge `br-pf1` has 7 flows for in-band control, which Open vSwitch hides from ovs-ofctl",
        flow: expect.stringMatching(/^priority=18\d{4},.* actions=NORMAL$/),
        help: expect.stringContaining(
          "ovs-vsctl set bridge br-pf1 other-config:disable-in-band=true",
        ),
      },
    ]);
    expect(await spoofed()).toMatch(/Datapath actions: .*\d/);
    await own.vsctl("set", "bridge", "br-pf1", "other-config:disable-in-band=true");
    await expect.poll(hidden, inItsOwnTime).toEqual([]);
    expect(await ours()).toBe(flows);
    expect(await spoofed()).toContain("Datapath actions: drop");
    expect(await kinds()).toEqual([]);
  });

  test("without the controller they are gone too, and so is all else: install again, as the help says", async () => {
    await setController();
    await install(ovs, rail);
    await own.vsctl("del-controller", "br-pf1");
    await expect.poll(hidden, inItsOwnTime).toEqual([]);
    await expect.poll(ours, inItsOwnTime).toBe(0);
    expect(await kinds()).toEqual([]);
  });

  test("a bridge that lost its controller forwards everything until its fail_mode is secure", async () => {
    await own.vsctl("set-fail-mode", "br-pf1", "standalone");
    await own.vsctl("set", "bridge", "br-pf1", "other-config:disable-in-band=true");
    await setController();
    const seen = await warnings();
    expect(seen).toMatchObject([
      { kind: "fail-mode", when: "later" },
      { kind: "fail-open", when: "now", flow: "priority=15790320 actions=NORMAL" },
    ]);
    expect(seen[1]?.help).toContain("ovs-vsctl set-fail-mode br-pf1 secure");
    expect(await spoofed()).toMatch(/Datapath actions: .*\d/);
    await own.vsctl("set-fail-mode", "br-pf1", "secure");
    await expect.poll(hidden, inItsOwnTime).toEqual([]);
    expect(await kinds()).toEqual([]);
    expect(await spoofed()).toContain("Datapath actions: drop");
  }, 40_000);

  test.each(["drop", "nx-match"])("another fragment mode is told: %s", async (mode) => {
    await own.ofctl("set-frags", "br-pf1", mode);
    expect(await warnings()).toMatchObject([
      { kind: "fragments", when: "now", message: expect.stringContaining(`says \`${mode}\``) },
    ]);
    await own.ofctl("set-frags", "br-pf1", "normal");
    expect(await kinds()).toEqual([]);
  });

  test("the check of a fence tells of all of it, whatever its plan says", async () => {
    const fence = await Fence.open({ policy, inventory, switch: ovs, node: "gpu-001" });
    expect(fence.warnings).toEqual([]);
    const open = async () => {
      const [check] = await fence.check();
      return [check && isEmpty(check.plan), check?.warnings.map(({ kind }) => kind)];
    };
    expect(await open()).toEqual([true, []]);
    await own.vsctl("set-controller", "br-pf1", "tcp:127.0.0.1:1");
    await expect.poll(hidden, inItsOwnTime).not.toEqual([]);
    await own.ofctl("set-frags", "br-pf1", "nx-match");
    // the controller has emptied the bridge
    await expect.poll(open, inItsOwnTime).toEqual([false, ["in-band", "fragments"]]);
    await fence.repair();
    expect(await open()).toEqual([true, ["in-band", "fragments"]]);
  });

  test("what does not answer is no warning, and no failure", async () => {
    await setController();
    await own.ofctl("set-frags", "br-pf1", "drop");
    const elsewhere = new OpenVswitch({ bridgeTarget: `unix:${own.runDirectory}/br-pf1.mgmt` });
    expect(await readBridgeState(elsewhere, "br-pf1")).toEqual({ fragments: "drop" });
    expect(await readBridgeState(ovs, "br-pf404")).toEqual({});
  });
});
