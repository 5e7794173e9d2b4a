/** Several processes on one bridge, some of them killed. */

import { readdir } from "node:fs/promises";
import { execa } from "execa";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { withBridgeLock } from "../../src/switch/bridge-turn.js";
import { install, uninstall } from "../../src/switch/install.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { manyFlows, railOf } from "../support/hand-made-rail.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

const script = new URL("../support/install-process.ts", import.meta.url).pathname;

describeWithOpenVswitch("several railfence processes", () => {
  let own: PrivateSwitch;
  let ovs: OpenVswitch;
  beforeAll(async () => {
    own = await testSwitch({ bridges: [{ name: "br-pf1", ports: ["p0", "pf0vf0"] }] });
    ovs = new OpenVswitch({ runDirectory: own.runDirectory });
  });
  beforeEach(async () => {
    await uninstall(ovs, "br-pf1");
  });

  const another = (...args: readonly string[]) =>
    execa(process.execPath, ["--import", "tsx", script, own.runDirectory, ...args], {
      reject: false,
    });
  const actions = async () =>
    (await ovs.readFlowTexts("br-pf1")).map((line) => line.actions).sort();
  const leftovers = async () =>
    (await readdir(own.runDirectory)).filter(
      (name) => name.includes(".lock") && !name.endsWith("-stamp"),
    );

  test.each([
    ["locked", 2],
    ["read", 2],
    ["sending", 2],
    ["sent", 5],
    ["confirmed", 5],
  ] as const)(
    "killed after `%s`, the bridge is whole and the next run finishes",
    async (step, flows) => {
      await install(ovs, railOf(manyFlows(2, "pf0vf0")));
      const killed = await another("p0", "5", step);
      expect(killed.signal).toBe("SIGKILL");
      expect(await leftovers()).not.toEqual([]);
      const now = await actions();
      expect(now).toEqual(Array(flows).fill(flows === 5 ? "output:1" : "output:2"));
      const next = await install(ovs, railOf(manyFlows(5, "p0")));
      expect(next.flows).toBe(5);
      expect(await actions()).toEqual(Array(5).fill("output:1"));
      expect(await leftovers()).toEqual([]);
    },
  );

  test("killed while Open vSwitch works on its bundle, it cannot mix with the next one", async () => {
    const pid = Number(ovs.generation()?.split("@")[0]);
    const first = another("p0", "3000");
    await new Promise<void>((resolve) => {
      first.stdout.on("data", (chunk: Buffer) => {
        if (!chunk.toString().includes("sending")) return;
        process.kill(pid, "SIGSTOP");
        setTimeout(() => {
          first.kill("SIGKILL");
          resolve();
        }, 150);
      });
    });
    await first;
    const second = install(ovs, railOf(manyFlows(2000, "pf0vf0")));
    setTimeout(() => process.kill(pid, "SIGCONT"), 100);
    expect((await second).flows).toBe(2000);
    expect(await actions()).toEqual(Array(2000).fill("output:2"));
  });

  test("two at once: one waits, and the bridge is one or the other", async () => {
    const [one, other] = await Promise.all([another("p0", "2000"), another("pf0vf0", "1000")]);
    expect([one.exitCode, other.exitCode]).toEqual([0, 0]);
    const now = await actions();
    expect(new Set(now).size).toBe(1);
    expect(now).toHaveLength(now[0] === "output:1" ? 2000 : 1000);
  });

  test("ten installs in one process, too", async () => {
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        install(ovs, railOf(manyFlows(index + 1, index % 2 === 0 ? "p0" : "pf0vf0"))),
      ),
    );
    const now = await actions();
    expect(new Set(now).size).toBe(1);
    expect(await leftovers()).toEqual([]);
  });

  test("a bridge that stays busy is given up with the holder's number", async () => {
    const waited: number[] = [];
    await withBridgeLock(ovs, "br-pf1", {}, async () => {
      const impatient = { patienceMs: 50, onWait: (pid: number) => waited.push(pid) };
      await expect(install(ovs, railOf([]), impatient)).rejects.toMatchObject({
        kind: "busy",
        message: `another railfence (process ${process.pid}) is working on the same bridge`,
      });
    });
    expect(waited).toEqual([process.pid]);
  });
});
