/** What other sentences are said to save, counted in a real switch. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { wordOf } from "../../src/datapath/unwildcard/flow-words.js";
import { Translator } from "../../src/datapath/unwildcard/translation.js";
import { printFlow } from "../../src/openflow/print.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { explore } from "../../src/verify/cost/explore.js";
import { legitimateTraffic } from "../../src/verify/cost/legitimate-traffic.js";
import { MegaflowSet } from "../../src/verify/cost/megaflow-set.js";
import { railCostOf } from "../../src/verify/cost/rail-cost.js";
import { railModelOf } from "../../src/verify/cost/rail-model.js";
import { separationsFor } from "../../src/verify/cost/separations.js";
import {
  costlyFleet,
  overlapping,
  place,
  policyWith,
  representors,
} from "../support/costly-sentences.js";
import { countMegaflows } from "../support/count-megaflows.js";
import { frameOfWords } from "../support/predicted-megaflows.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

const ports = ["uplink", ...representors];
const fleet = costlyFleet();

describeWithOpenVswitch("advice on sentences", () => {
  test("saves in a switch what it says", async () => {
    const ovs = await testSwitch({ bridges: [{ name: "br", ports }] });
    await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-idle=600000");
    const policy = policyWith(...overlapping);
    const { legitimate, rules } = railCostOf(railModelOf(policy, fleet, place));
    expect(await counted(ovs, policy)).toEqual(legitimate);
    const found = separationsFor(policy, fleet, place, legitimate, rules);
    expect(found.length).toBeGreaterThan(2);
    for (const { rules: replaced, sentences, after } of found) {
      const kept = policy.rules.filter((rule) => !replaced.includes(rule));
      const changed = policyWith(...kept.map(({ text }) => text), ...sentences);
      expect(await counted(ovs, changed), sentences.join("\n")).toEqual(after);
    }
  });
});

async function counted(ovs: PrivateSwitch, policy: CheckedPolicy) {
  const { compiled, view, tables } = railModelOf(policy, fleet, place);
  const numbers = new Map(ports.map((name, index) => [name, index + 1]));
  const file = join(ovs.runDirectory, "flows");
  writeFileSync(file, compiled.flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
  await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
  // removed flows leave the classifier a little later
  await new Promise((done) => setTimeout(done, 50));
  const known = new MegaflowSet();
  const translator = new Translator(tables);
  const names = new Map(ports.map((name) => [tables.portNumber(name), name]));
  const frames = [...legitimateTraffic(view, tables.portNumber, "one")].map(({ box }) => {
    explore(translator, box, known, () => {});
    return box.packet.slice();
  });
  const arrivals = [...frames, ...known.all.map(({ example }) => example)].map(
    (packet) =>
      [names.get(packet[wordOf.inPort] as number) as string, frameOfWords(packet)] as const,
  );
  const { megaflows, masks, drops } = await countMegaflows(ovs, arrivals);
  expect(drops).toBe(0);
  return { megaflows, masks };
}
