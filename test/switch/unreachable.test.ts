/** Switches that cannot be reached, and ways to reach one elsewhere. */

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
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
    process.kill(Number(ovs.generation()?.split("@")[0]), "SIGKILL");
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
    const pid = Number(ovs.generation()?.split("@")[0]);
    process.kill(pid, "SIGSTOP");
    try {
      await expect(install(ovs, railOf([]))).rejects.toMatchObject({ kind: "timeout" });
      await expect(ovs.dumpMegaflows()).rejects.toMatchObject({
        kind: "timeout",
        help: expect.stringContaining("it runs but is busy or stuck"),
      });
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

  test("a bridge is reached over SSL, with the files that ovs-ofctl needs", async () => {
    const own = await testSwitch({ bridges });
    const key = join(own.runDirectory, "key.pem");
    const certificate = join(own.runDirectory, "certificate.pem");
    const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
    const files = ["-keyout", key, "-out", certificate, "-subj", "/CN=railfence"];
    await promisify(execFile)("openssl", [...words, ...files]);
    await own.vsctl("set-ssl", key, certificate, certificate);
    const port = 20_000 + ((process.pid + 7) % 20_000);
    await own.vsctl("set-controller", "br-pf1", `pssl:${port}:127.0.0.1`);
    const bridgeTarget = `ssl:127.0.0.1:${port}`;
    const ssl = { privateKey: key, certificate, caCertificate: certificate };
    const ovs = new OpenVswitch({ runDirectory: "/nowhere", bridgeTarget, ssl });
    await expect.poll(() => ovs.portNumbers("br-pf1").catch(() => "not yet")).not.toBe("not yet");
    expect((await install(ovs, railOf(manyFlows(2)))).flows).toBe(2);
    await expect(install(new OpenVswitch({ bridgeTarget }), railOf([]))).rejects.toMatchObject({
      message: expect.stringContaining("Private key must be configured"),
      help: expect.stringContaining("a private key, a certificate and a CA certificate"),
    });
  });
});

test("a program that is not installed is named with its package", async () => {
  const { run } = await import("../../src/switch/run.js");
  await expect(run("ovs-ofctl-of-nobody", [])).rejects.toMatchObject({
    kind: "tool-missing",
    help: expect.stringContaining("openvswitch-switch"),
  });
});
