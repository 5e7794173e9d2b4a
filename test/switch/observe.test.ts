import { beforeAll, expect, test } from "vitest";
import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import { install } from "../../src/switch/install.js";
import { observe } from "../../src/switch/observe.js";
import { askOffloaded, readOffloadAnswer, settle } from "../../src/switch/offload-list.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import { offloadListOf } from "../../src/verify/offload-list.js";
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

  test("a list that is refused is kept in Open vSwitch's words", async () => {
    const answer = await readOffloadAnswer(ovs.dumpMegaflows("-m", "type=in-the-nic"));
    expect(answer).toEqual({
      refused: "ovs-vswitchd: Failed to parse type (in-the-nic) (Invalid argument)",
    });
    expect(await settle(ovs, answer, [])).toBe(answer);
  });

  test("a contradiction counts only while the megaflow is still listed", async () => {
    const { megaflows } = readMegaflows({ name: "dump", text: await ovs.dumpMegaflows("-m") });
    const before = { list: offloadListOf(megaflows) };
    expect(before.list.size).toBe(sampleTraffic.length);
    expect(await settle(ovs, before, megaflows)).toEqual(await askOffloaded(ovs));
    expect(await settle(ovs, before, [])).toBe(before);
  });

  test("a switch that does not answer is no refusal", async () => {
    const nowhere = new OpenVswitch({ runDirectory: "/nonexistent" });
    await expect(askOffloaded(nowhere)).rejects.toMatchObject({ kind: "not-running" });
  });
});
