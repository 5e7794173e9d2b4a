import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { install } from "../../src/switch/install.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import { addressFlow, manyFlows, railOf } from "../support/hand-made-rail.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

const bridges = [{ name: "br-pf1", ports: ["p0", "pf0vf0"] }];

describeWithOpenVswitch("a switch that cannot take flows", () => {
  test("ovs-vswitchd is not running", async () => {
    const empty = await mkdtemp(join(tmpdir(), "railfence-"));
    const ovs = new OpenVswitch({ runDirectory: empty });
    await expect(install(ovs, railOf([]))).rejects.toMatchObject({
      kind: "not-running",
      message: expect.stringContaining(empty),
    });
    await expect(ovs.dumpMegaflows()).rejects.toMatchObject({ kind: "not-running" });
    await rm(empty, { recursive: true });
  });

  test("ovs-vswitchd was killed and left its sockets", async () => {
    const own = await testSwitch({ bridges });
    const ovs = new OpenVswitch({ runDirectory: own.runDirectory });
    process.kill(Number((await ovs.generation())?.split("@")[0]), "SIGKILL");
    await expect.poll(() => ovs.generation()).toMatch(/@gone$/);
    await expect(install(ovs, railOf([]))).rejects.toMatchObject({ kind: "not-running" });
    await expect(ovs.dumpMegaflows()).rejects.toMatchObject({ kind: "not-running" });
  });

  test("the bridge is missing", async () => {
    const own = await testSwitch({ bridges });
    const ovs = new OpenVswitch({ runDirectory: own.runDirectory });
    await expect(install(ovs, railOf([], "br-pf7"))).rejects.toMatchObject({
      kind: "bridge-missing",
      message: "there is no bridge `br-pf7` on this Open vSwitch",
    });
  });

  test("ports are missing, and all of them are named", async () => {
    const own = await testSwitch({ bridges });
    const ovs = new OpenVswitch({ runDirectory: own.runDirectory });
    const rail = railOf([addressFlow(1, "pf0vf8"), addressFlow(2, "p0"), addressFlow(3, "pf0vf9")]);
    await expect(install(ovs, rail)).rejects.toMatchObject({
      kind: "port-missing",
      message: "bridge `br-pf1` has no ports `pf0vf8`, `pf0vf9`, or could not open them",
    });
  });

  test("the bridge does not speak OpenFlow 1.4", async () => {
    const own = await testSwitch({ bridges });
    const ovs = new OpenVswitch({ runDirectory: own.runDirectory });
    await own.vsctl("set", "bridge", "br-pf1", "protocols=OpenFlow10");
    await expect(install(ovs, railOf([]))).rejects.toMatchObject({
      kind: "protocol-version",
      help: "allow it: `ovs-vsctl add bridge br-pf1 protocols OpenFlow14`",
    });
  });

  test("ovs-vswitchd hangs", async () => {
    const own = await testSwitch({ bridges });
    const ovs = new OpenVswitch({ runDirectory: own.runDirectory, timeoutMs: 300 });
    const pid = Number((await ovs.generation())?.split("@")[0]);
    process.kill(pid, "SIGSTOP");
    try {
      await expect(install(ovs, railOf([]))).rejects.toMatchObject({ kind: "timeout" });
      await expect(ovs.dumpMegaflows()).rejects.toMatchObject({ kind: "timeout" });
    } finally {
      process.kill(pid, "SIGCONT");
    }
  });

  test("a bridge is reached over TCP", async () => {
    const own = await testSwitch({ bridges });
    const port = 20_000 + (process.pid % 20_000);
    await own.vsctl("set-controller", "br-pf1", `ptcp:${port}:127.0.0.1`);
    const ovs = new OpenVswitch({
      runDirectory: "/nowhere",
      bridgeTarget: `tcp:127.0.0.1:${port}`,
    });
    await expect.poll(() => ovs.portNumbers("br-pf1").catch(() => "not yet")).not.toBe("not yet");
    expect((await install(ovs, railOf(manyFlows(2)))).flows).toBe(2);
    expect((await install(ovs, railOf(manyFlows(2)))).sent).toBe(false);
    const closed = new OpenVswitch({ bridgeTarget: "tcp:127.0.0.1:1" });
    await expect(install(closed, railOf([]))).rejects.toMatchObject({ kind: "not-running" });
  });
});

test("a program that is not installed is named with its package", async () => {
  const { run } = await import("../../src/switch/run.js");
  await expect(run("ovs-ofctl-of-nobody", [])).rejects.toMatchObject({
    kind: "tool-missing",
    help: expect.stringContaining("openvswitch-switch"),
  });
});
