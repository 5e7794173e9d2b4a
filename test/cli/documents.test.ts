/** What `--format json` prints is what the schemas that ship say. */

import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { outputSchemas } from "../../src/cli/documents.js";
import { verdictSchema } from "../../src/report/verdict-schema.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { railfence } from "../support/command.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { sampleBridges, sampleInventory, sampleNode, samplePolicy } from "../support/sample.js";

test.each(Object.keys(outputSchemas))(
  "schema/%s.schema.json is what the source says",
  async (name) => {
    const schema = outputSchemas[name as keyof typeof outputSchemas];
    const text = `${JSON.stringify(z.toJSONSchema(schema), undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`../../schema/${name}.schema.json`);
  },
);

test("check, right and wrong", async () => {
  const right = await railfence(["check", samplePolicy, "--format", "json"]);
  const wrong = await railfence(["check", "policies", "--format", "json"]);
  for (const { out } of [right, wrong]) outputSchemas.check.parse(JSON.parse(out));
  expect([right.code, wrong.code]).toEqual([0, 2]);
});

describeWithOpenVswitch("on a switch", () => {
  let ovs: PrivateSwitch;
  const about = [samplePolicy, "--inventory", sampleInventory, "--node", sampleNode];
  const json = async (...words: string[]) => {
    const environment = { OVS_RUNDIR: ovs.runDirectory };
    const { out } = await railfence([...words, ...about, "--format", "json"], { environment });
    return JSON.parse(out) as unknown;
  };
  const shown = async (dump: string) => {
    const { out } = await railfence(["show", "--format", "json"], { standardInput: dump });
    return JSON.parse(out) as unknown;
  };

  beforeAll(async () => {
    ovs = await testSwitch({ bridges: sampleBridges });
  });

  test("compile, plan, install, verify, show, uninstall", async () => {
    outputSchemas.compile.parse(await json("compile"));
    outputSchemas.plan.parse(await json("plan"));
    outputSchemas.install.parse(await json("install"));
    verdictSchema.parse(await json("verify"));
    const other = "ip,nw_dst=192.0.2.1,ct_state=+trk actions=ct(commit),normal";
    await ovs.ofctl("add-flow", "br-pf1", `table=240,${other}`);
    outputSchemas.show.parse(await shown(await ovs.ofctl("dump-flows", "br-pf1")));
    await ovs.inject(
      "pf0vf0",
      "in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x88cc)",
    );
    outputSchemas.show.parse(await shown(await ovs.dumpMegaflows()));
    outputSchemas.install.parse(await json("uninstall"));
  });
});
