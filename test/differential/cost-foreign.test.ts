/**
 * Tables of others, with conjunctive matches and with resubmits: the megaflows that the model predicts for every packet
 * the tables can tell apart, and those that a real switch makes of them.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { classifyTables } from "../../src/datapath/unwildcard/classified-tables.js";
import { wordsOf } from "../../src/datapath/unwildcard/flow-words.js";
import { Translator } from "../../src/datapath/unwildcard/translation.js";
import type { Flow } from "../../src/openflow/flow.js";
import { frameOf } from "../../src/openflow/packet-fields.js";
import { printFlow } from "../../src/openflow/print.js";
import { MegaflowSet } from "../../src/verify/cost/megaflow-set.js";
import { conjunctivePackets } from "../support/conjunctive-tables.js";
import { countMegaflows } from "../support/count-megaflows.js";
import { foreignTables } from "../support/foreign-tables.js";
import { printPredicted, readDump } from "../support/predicted-megaflows.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20268);
const runs = Number(process.env["RAILFENCE_WORLDS"] ?? 60);
const ports = ["p1", "p2", "p3"];

describeWithOpenVswitch("tables of others", () => {
  test(`make the megaflows that the model predicts, on ${runs} random ones (seed ${seed})`, {
    timeout: 600_000,
  }, async () => {
    const random = new Random(seed);
    const ovs = await testSwitch({ bridges: [{ name: "br", ports }] });
    await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-idle=600000");
    const seen = { compared: 0, megaflows: 0, conjunctive: 0, resubmitted: 0, masks: 0 };
    for (let run = 0; run < runs; run++) {
      const flows = withoutDoubles(foreignTables(random));
      const predicted = predict(flows);
      if (predicted === undefined) continue;
      const file = join(ovs.runDirectory, "flows");
      writeFileSync(file, flows.map((flow) => `${printFlow(flow)}\n`).join(""));
      await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
      // removed flows leave the classifier a little later
      await new Promise((done) => setTimeout(done, 50));
      const arrivals = conjunctivePackets().map(
        ({ packet, inPort }) => [`p${inPort}`, frameOf(packet)] as const,
      );
      const counted = await countMegaflows(ovs, arrivals);
      await new Promise((done) => setTimeout(done, 20));
      const context = flows.map((flow) => printFlow(flow)).join("\n");
      const dump = readDump(await ovs.dumpMegaflows()).sort();
      const { known } = predicted;
      expect(
        known.all.map((one) => printPredicted(one, (port) => `p${port}`)).sort(),
        context,
      ).toEqual(dump);
      expect([counted.megaflows, counted.masks], context).toEqual([known.all.length, known.masks]);
      seen.compared++;
      seen.megaflows += known.all.length;
      seen.conjunctive += predicted.conjunctive;
      seen.resubmitted += predicted.resubmitted;
      seen.masks = Math.max(seen.masks, known.masks);
    }
    expect(seen.compared).toBeGreaterThan(runs / 4);
    expect(seen.megaflows).toBeGreaterThan(runs);
    expect(seen.conjunctive).toBeGreaterThan(runs / 4);
    expect(seen.resubmitted).toBeGreaterThan(runs / 4);
    expect(seen.masks).toBeGreaterThan(3);
  });
});

/** Undefined where something hangs on an order that OVS does not promise. */
function predict(flows: readonly Flow[]) {
  const tables = classifyTables(flows);
  const translator = new Translator(tables);
  const known = new MegaflowSet();
  let conjunctive = 0;
  let resubmitted = 0;
  for (const { packet, inPort } of conjunctivePackets()) {
    const words = wordsOf(packet, inPort);
    const { looked, slow, tied, doubt, path } = translator.translate(words);
    if (tied || doubt !== undefined) return undefined;
    known.add(words, looked, slow);
    if (path.some(({ flow }) => flow?.match.fields.some(({ field }) => field === "conj_id")))
      conjunctive++;
    if (path.some(({ flow }) => flow?.actions.some(({ kind }) => kind === "resubmit")))
      resubmitted++;
  }
  return { known, conjunctive, resubmitted };
}

function withoutDoubles(flows: readonly Flow[]): Flow[] {
  const byKey = new Map<string, Flow>();
  for (const flow of flows) byKey.set(printFlow({ ...flow, actions: [] }), flow);
  return [...byKey.values()];
}
