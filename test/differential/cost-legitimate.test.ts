/**
 * The cost of legitimate traffic, against what a real Open vSwitch holds after that traffic: the megaflows themselves,
 * not only their number. What is played is found pair by pair with the policy's reference meaning, which shares
 * nothing with the model, and topped up by one packet for each megaflow that is predicted.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { wordOf } from "../../src/datapath/unwildcard/flow-words.js";
import { Translator } from "../../src/datapath/unwildcard/translation.js";
import type { Frame } from "../../src/net/packet.js";
import { printFlow } from "../../src/openflow/print.js";
import { decide } from "../../src/policy/decide.js";
import { explore } from "../../src/verify/cost/explore.js";
import { legitimateTraffic } from "../../src/verify/cost/legitimate-traffic.js";
import { MegaflowSet } from "../../src/verify/cost/megaflow-set.js";
import { type RailModel, railModelOf } from "../../src/verify/cost/rail-model.js";
import { countMegaflows } from "../support/count-megaflows.js";
import { everyPair } from "../support/every-pair.js";
import { nastyWorld } from "../support/nasty-world.js";
import { frameOfWords, printPredicted, readDump } from "../support/predicted-megaflows.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";
import { randomWorld, type World, worldRepresentors } from "../support/random-world.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20265);
const worlds = Number(process.env["RAILFENCE_WORLDS"] ?? 6);

describeWithOpenVswitch("the cost of legitimate traffic", () => {
  test(`is what a switch shows in ${worlds} worlds (seed ${seed})`, {
    timeout: 900_000,
  }, async () => {
    const random = new Random(seed);
    const ovs = await testSwitch({
      bridges: [{ name: "br", ports: ["uplink", ...worldRepresentors] }],
    });
    // nothing may age out, or be refused, while it is counted
    await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-idle=600000");
    const numbers = (uplink: string) =>
      new Map([[uplink, 1], ...worldRepresentors.map((name, at) => [name, at + 2] as const)]);
    let predictedInAll = 0;
    for (let index = 0; index < worlds; index++) {
      const world = await (index % 2 === 0 ? randomWorld : nastyWorld)(random);
      for (const rail of world.inventory.rails.keys()) {
        const model = railModelOf(world.policy, world.inventory, { node: world.node, rail });
        const { uplink } = model.compiled.ports;
        const file = join(ovs.runDirectory, "flows");
        const lines = model.compiled.flows.map((flow) => `${printFlow(flow, numbers(uplink))}\n`);
        writeFileSync(file, lines.join(""));
        await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
        // removed flows leave the classifier a little later
        await new Promise((done) => setTimeout(done, 50));

        const predicted = predict(model);
        const names = portNames(model);
        const arrivals = everyPair(random, world, rail);
        for (const { example } of predicted.all)
          arrivals.push([names(example[wordOf.inPort] as number), frameOfWords(example)]);
        for (const [port, frame] of arrivals)
          expect(
            isDelivered(world, rail, uplink, port, frame),
            `${port} ${JSON.stringify(frame, (_, v) => (typeof v === "bigint" ? v.toString(16) : v))}`,
          ).toBe(true);
        const onSwitch = arrivals.map(
          ([port, frame]) => [port === uplink ? "uplink" : port, frame] as const,
        );
        await countMegaflows(ovs, onSwitch);
        // the last miss is counted a moment before its megaflow is there
        await new Promise((done) => setTimeout(done, 20));
        const seen = readDump(await ovs.dumpMegaflows()).sort();
        const expected = predicted.all.map((one) =>
          printPredicted(one, (port) => (names(port) === uplink ? "uplink" : names(port))),
        );
        expect(expected.sort(), `${world.policyText}\n${world.inventoryText}`).toEqual(seen);
        expect(predicted.all.length).toBe(seen.length);
        expect(predicted.masks).toBe(new Set(seen.map(maskOf)).size);
        predictedInAll += predicted.all.length;
      }
    }
    expect(predictedInAll).toBeGreaterThan(worlds * 20);
  });
});

/** Without the port and the values. */
function maskOf(printed: string): string {
  return printed.replace(/^[^ ]*/, "").replaceAll(/=[0-9a-f]+\//g, "/");
}

function predict({ tables, view }: RailModel): MegaflowSet {
  const known = new MegaflowSet();
  const translator = new Translator(tables);
  for (const { box } of legitimateTraffic(view, tables.portNumber, "every"))
    explore(translator, box, known, () => {});
  return known;
}

function portNames({ tables, compiled }: RailModel): (number: number) => string {
  const names = [compiled.ports.uplink, ...worldRepresentors];
  const byNumber = new Map(names.map((name) => [tables.portNumber(name), name]));
  return (number) => byNumber.get(number) as string;
}

function isDelivered(
  world: World,
  rail: string,
  uplink: string,
  port: string,
  frame: Frame,
): boolean {
  const { policy, inventory, node } = world;
  const decision = decide(policy, inventory, {
    node,
    rail,
    port: port === uplink ? "uplink" : { representor: port },
    frame,
  });
  return decision.kind === "deliver" && decision.to !== "host";
}
