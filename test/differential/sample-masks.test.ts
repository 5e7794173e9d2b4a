/**
 * Masks of the sample fleet, in a real switch. Each mask is a hash table in the datapath and a matcher in the NIC: RoCE
 * is to need few of them, and the other services no more than their kinds of fields do (README.md in src/compile).
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { wordOf } from "../../src/datapath/unwildcard/flow-words.js";
import { Translator } from "../../src/datapath/unwildcard/translation.js";
import { protocol } from "../../src/net/protocol.js";
import { printFlow } from "../../src/openflow/print.js";
import { explore } from "../../src/verify/cost/explore.js";
import { legitimateTraffic } from "../../src/verify/cost/legitimate-traffic.js";
import { type FoundMegaflow, MegaflowSet } from "../../src/verify/cost/megaflow-set.js";
import { railModelOf } from "../../src/verify/cost/rail-model.js";
import { countMegaflows } from "../support/count-megaflows.js";
import { frameOfWords } from "../support/predicted-megaflows.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { sampleBridges, sampleInventory, sampleNode } from "../support/sample.js";
import { sampleRail } from "../support/sample-rail.js";

const isRoce = ({ example }: FoundMegaflow) =>
  ((example[wordOf.internet] as number) & 0xff) === protocol.udp;

describeWithOpenVswitch("the sample fleet", () => {
  test.each([
    ["pf1", 0, 2, 12, 284],
    ["pf2", 1, 4, 20, 244],
  ] as const)(
    "makes on %s (bridge %i) %i masks of RoCE alone, and %i of all its services, in %i megaflows",
    async (rail, bridge, roceMasks, allMasks, megaflows) => {
      const name = "policies/acp/acp.policy";
      const { policy, inventory } = await sampleRail(name, sampleInventory, sampleNode, rail);
      const model = railModelOf(policy, inventory, { node: sampleNode, rail });
      const known = new MegaflowSet();
      const translator = new Translator(model.tables);
      for (const { box } of legitimateTraffic(model.view, model.tables.portNumber, "one"))
        explore(translator, box, known, () => {});
      const { ports } = sampleBridges[bridge] as (typeof sampleBridges)[number];
      const ovs = await testSwitch({ bridges: [{ name: "br", ports }] });
      await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-idle=600000");
      const numbers = new Map(ports.map((port, index) => [port, index + 1]));
      const file = join(ovs.runDirectory, "flows");
      const { flows } = model.compiled;
      writeFileSync(file, flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
      await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
      const byNumber = new Map(ports.map((port) => [model.tables.portNumber(port), port]));
      const arrivals = (some: readonly FoundMegaflow[]) =>
        some.map(
          ({ example }) =>
            [
              byNumber.get(example[wordOf.inPort] as number) as string,
              frameOfWords(example),
            ] as const,
        );
      const roce = known.all.filter(isRoce);
      expect(roce.length).toBeGreaterThan(20);
      const alone = await countMegaflows(ovs, arrivals(roce));
      expect(alone.drops).toBe(0);
      expect(alone.megaflows).toBe(roce.length);
      expect(alone.masks).toBe(roceMasks);
      expect(alone.masks).toBeLessThanOrEqual(6);
      const whole = await countMegaflows(ovs, arrivals(known.all));
      expect(whole.drops).toBe(0);
      expect(whole.megaflows).toBe(known.all.length);
      expect(whole.megaflows).toBe(megaflows);
      expect(whole.masks).toBe(allMasks);
    },
  );
});
