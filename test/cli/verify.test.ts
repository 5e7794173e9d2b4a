/** `verify` that stays: waiting for connections, watching for changes, metrics; and what it keeps for later. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outputSchemas } from "../../src/cli/documents.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { railfence, type World } from "../support/command.js";
import { readExposition } from "../support/exposition.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { sampleBridges, sampleInventory, sampleNode, samplePolicy } from "../support/sample.js";
import { sampleTraffic } from "../support/verified-rail.js";

const about = [samplePolicy, "--inventory", sampleInventory, "--node", sampleNode];
const [roceSent] = sampleTraffic;
const roce = "10.101.0.16->10.101.0.32:roce";

describe("what makes no sense together is refused before anything is read", () => {
  test.each([
    [["--dump", "x", "--watch"], "`--dump` reads what was"],
    [["--dump", "x", "--save", "y"], "`--dump` reads what was"],
    [["--watch", "--save", "y"], "`--save` keeps one reading"],
    [["--watch", "--format", "junit"], "JUnit's format"],
    [["--connection", roce], "`--connection` names what `--wait` waits for"],
    [["--interval", "1s"], "`--interval` is of `--watch` and `--wait`"],
    [["--metrics", "9477"], "a port that is closed again"],
    [["--wait", "1s", "--metrics", "file"], "`--wait` has no metrics"],
    [["--wait", "1s", "--watch"], "cannot be used with"],
    [["--wait", "soon"], "It is no time"],
    [["--wait", "0s"], "It is no time"],
  ])("%j", async (words, message) => {
    const { code, out, err } = await railfence(["verify", ...about, ...words]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });
});

describeWithOpenVswitch("verify on a switch", () => {
  let ovs: PrivateSwitch;
  const folder = mkdtempSync(join(tmpdir(), "railfence-verify-"));
  const at = (words: readonly string[], world: World = {}) =>
    railfence(["verify", ...about, "--rail", "pf1", ...words], {
      environment: { OVS_RUNDIR: ovs.runDirectory },
      ...world,
    });

  beforeAll(async () => {
    ovs = await testSwitch({ bridges: sampleBridges });
    const environment = { OVS_RUNDIR: ovs.runDirectory };
    await railfence(["install", ...about], { environment });
    // a megaflow must not age while a test looks at it
    await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-idle=600000");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  describe("--wait", () => {
    test("says at time-out what is missing, and ends with 3", async () => {
      const { code, out } = await at(["--wait", "300ms", "--connection", roce]);
      expect(code).toBe(3);
      expect(out).toMatch(
        /^not in hardware after \d+\.\d s:\n {2}10\.101\.0\.16->10\.101\.0\.32:roce on pf1 \(10\.101\.0\.16 -> 10\.101\.0\.32\): no megaflow: nobody has sent a packet of it\n$/,
      );
    });

    test("in JSON, of every rule where none is named", async () => {
      const { code, out } = await at(["--wait", "300ms", "--format", "json"]);
      expect(code).toBe(3);
      const document = outputSchemas["verify-wait"].parse(JSON.parse(out));
      expect(document.inHardware).toBe(false);
      expect(document.missing).toHaveLength(3);
    });

    test("refuses at once what can never be, with 2", async () => {
      const cases = [
        [
          "10.101.0.16->10.101.0.32:rocee",
          "`rocee` is no service of the policy",
          "did you mean `roce`?",
        ],
        ["10.101.0.16->10.101.0.32:22/tcp", "the policy does not allow", "never be in hardware"],
        ["10.101.0.16->nowhere/none:roce", "`nowhere/none` is no address, and no pod", "help:"],
        ["roce", "`roce` is no connection", "SOURCE->DESTINATION:SERVICE"],
      ];
      for (const [name = "", ...words] of cases) {
        const { code, err } = await at(["--wait", "1m", "--connection", name]);
        expect(code).toBe(2);
        for (const word of words) expect(err).toContain(word);
      }
    });
  });

  describe("--watch", () => {
    test("appends a line for each change, and ends with the last verdict's code", async () => {
      let interrupt = () => {};
      let sent = false;
      const { code, out } = await at(["--watch", "--interval", "50ms"], {
        onStart: (stop) => {
          interrupt = stop;
        },
        onOutput: (text) => {
          if (text.includes("appeared")) interrupt();
          else if (!sent && roceSent !== undefined) {
            sent = true;
            void ovs.inject(...roceSent);
          }
        },
      });
      const [first, second, ...rest] = out.trimEnd().split("\n");
      expect(first).toMatch(/^\d{4}-.*Z pf1 3 rules: 3 idle$/);
      expect(second).toMatch(
        /Z pf1 appeared: pf0vf0 -> p0: 10\.101\.0\.16 -> 10\.101\.0\.32 udp 4791: software-ovs: userspace datapath: .*; allow each tenant/,
      );
      expect(rest).toEqual([]);
      // on the CPU, so not as intended
      expect(code).toBe(3);
    });

    test("as JSON, each line is one of the schema", async () => {
      let interrupt = () => {};
      const { out } = await at(["--watch", "--interval", "50ms", "--format", "json"], {
        onStart: (stop) => {
          interrupt = stop;
        },
        onOutput: () => interrupt(),
      });
      for (const line of out.trimEnd().split("\n"))
        expect(outputSchemas["verify-watch"].parse(JSON.parse(line)).kind).toBe("begun");
    });

    test("on a screen the table stands in place, no longer and no wider than it", async () => {
      let interrupt = () => {};
      let drawn = 0;
      const { out } = await at(["--watch", "--interval", "50ms"], {
        screen: { rows: 8, columns: 40 },
        onStart: (stop) => {
          interrupt = stop;
        },
        onOutput: (text) => {
          if (text.includes("Ctrl-C") && ++drawn === 2) interrupt();
        },
      });
      const frames = out.split("\u001b[H").slice(1);
      expect(frames).toHaveLength(2);
      for (const frame of frames) {
        const lines = frame
          .replaceAll("\u001b[K", "")
          .replaceAll("\u001b[J", "")
          .trimEnd()
          .split("\n");
        expect(lines.length).toBeLessThanOrEqual(8);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
      }
    });
  });

  describe("--metrics", () => {
    test("a file, whole, with nothing left beside it", async () => {
      const file = join(folder, "railfence.prom");
      await at(["--metrics", file]);
      const read = readExposition(readFileSync(file, "utf8"));
      expect(read.get("railfence_megaflows")?.samples).toMatchObject([{ value: 1 }]);
      expect(readdirSync(folder)).toEqual(["railfence.prom"]);
    });

    test("a port, while it watches", async () => {
      let interrupt = () => {};
      const port = 20_000 + (process.pid % 20_000);
      const answers: Promise<[number, string]>[] = [];
      const get = async (path: string): Promise<[number, string]> => {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`);
        return [answer.status, await answer.text()];
      };
      await at(["--watch", "--interval", "50ms", "--metrics", String(port)], {
        onStart: (stop) => {
          interrupt = stop;
        },
        onOutput: () => {
          if (answers.length > 0) return;
          answers.push(get("/metrics"), get("/"));
          void Promise.all(answers).finally(interrupt);
        },
      });
      const [metrics, other] = await Promise.all(answers);
      expect(metrics?.[0]).toBe(200);
      expect(readExposition(metrics?.[1] ?? "").get("railfence_masks")?.samples).toHaveLength(1);
      expect(other?.[0]).toBe(404);
      await expect(get("/metrics")).rejects.toThrow();
    });

    test("a file that cannot be written ends it with 1", async () => {
      const { code, err } = await at(["--metrics", join(folder, "none", "file")]);
      expect(code).toBe(1);
      expect(err).toContain("cannot use");
    });
  });

  test("what --save keeps, --dump judges the same", async () => {
    const saved = join(folder, "night");
    const live = await at(["--save", saved, "--format", "json"]);
    const later = await at(["--dump", saved, "--format", "json"], { environment: {} });
    const known = (text: string) =>
      text.replaceAll(join(saved, "dump.datapath"), "dpctl/dump-flows -m");
    expect(known(later.out)).toBe(live.out);
    expect(later.code).toBe(live.code);
    const empty = await at(["--dump", folder], { environment: {} });
    expect([empty.code, empty.err]).toEqual([2, expect.stringContaining("has no `dump.datapath`")]);
  });
});
