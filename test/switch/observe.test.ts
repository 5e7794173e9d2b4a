import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { verdictDocument } from "../../src/report/verdict-json.js";
import { install } from "../../src/switch/install.js";
import { observe } from "../../src/switch/observe.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import { record } from "../../src/switch/record.js";
import { loadRecording, saveRecording } from "../../src/switch/recording-folder.js";
import { readRecording } from "../../src/verify/evidence/read-recording.js";
import { verifyRail } from "../../src/verify/verify-rail.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { sampleBridges, sampleInventory, sampleNode, samplePolicy } from "../support/sample.js";
import { sampleRail } from "../support/sample-rail.js";
import { sampleTraffic } from "../support/verified-rail.js";

describeWithOpenVswitch("observe", () => {
  let ovs: OpenVswitch;
  let sample: Awaited<ReturnType<typeof sampleRail>>;

  beforeAll(async () => {
    const started = await testSwitch({ bridges: sampleBridges });
    ovs = new OpenVswitch({ runDirectory: started.runDirectory });
    sample = await sampleRail(`${samplePolicy}/acp.policy`, sampleInventory, sampleNode, "pf1");
    await install(ovs, sample.compiled);
    for (const [port, packet] of sampleTraffic) await started.inject(port, packet);
  });

  test("a switch without hardware lists nothing as offloaded, and nothing contradicts it", async () => {
    const [observation] = await observe(ovs, [sample.compiled]);
    expect(observation?.megaflows.length).toBe(sampleTraffic.length);
    expect(observation?.offloadList?.size).toBe(0);
    expect(observation?.evidence).not.toHaveProperty("offloadListRefused");
    const verdict = verifyRail({
      ...sample,
      ...observation,
      megaflows: observation?.megaflows ?? [],
    });
    expect(verdict.findings).toEqual([]);
    expect(verdict).not.toHaveProperty("offloadListRefused");
  });

  test("what is read can be judged later, and gives the same verdict", async () => {
    const recording = await record(ovs, [sample.compiled]);
    const folder = mkdtempSync(join(tmpdir(), "railfence-recording-"));
    try {
      await saveRecording(folder, recording);
      const again = await loadRecording(folder);
      expect(again).toEqual(recording);
      const [live, later] = [recording, again].map((files) => {
        const [observation] = readRecording(files, [sample.compiled], "dump");
        return verdictDocument([
          verifyRail({ ...sample, ...observation, megaflows: observation?.megaflows ?? [] }),
        ]);
      });
      expect(later).toEqual(live);
      expect(live?.rails[0]?.unread).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("a switch that does not answer is no refusal", async () => {
    const nowhere = new OpenVswitch({ runDirectory: "/nonexistent" });
    await expect(record(nowhere, [sample.compiled])).rejects.toMatchObject({
      kind: "not-running",
    });
  });
});
