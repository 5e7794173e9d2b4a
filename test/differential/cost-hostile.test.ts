/**
 * The bound on a hostile pod is never beaten: not by 100,000 crafted packets, translated by the model that is held to
 * `ofproto/trace` (test/datapath/unwildcard), nor by as many as Open vSwitch takes in seconds, sent into a switch.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { wordsOf } from "../../src/datapath/unwildcard/flow-words.js";
import { Translator } from "../../src/datapath/unwildcard/translation.js";
import { parseMac } from "../../src/net/mac.js";
import type { Frame } from "../../src/net/packet.js";
import type { Flow } from "../../src/openflow/flow.js";
import { fieldsOf } from "../../src/openflow/packet-fields.js";
import { printFlow } from "../../src/openflow/print.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { HostileModel } from "../../src/verify/cost/hostile-bound.js";
import { MegaflowSet } from "../../src/verify/cost/megaflow-set.js";
import { railModelOf } from "../../src/verify/cost/rail-model.js";
import { countMegaflows } from "../support/count-megaflows.js";
import { crowdedNode } from "../support/crowded-node.js";
import { type Attacker, hostileKinds } from "../support/hostile-frames.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20266);
const budget = 100_000;
/** Open vSwitch takes 10,000 megaflows at its start (ofproto/ofproto-dpif-upcall.c): no more packets than that. */
const sent = 10_000;
const ports = ["uplink", ...Array.from({ length: 16 }, (_, index) => `v${index}`)];

describeWithOpenVswitch("the bound on a hostile pod", () => {
  for (const [mode, plan] of [
    ["routed", "aligned"],
    ["bridged", "scattered"],
  ] as const)
    test(`holds against ${budget} packets, and ${sent} of a switch: ${mode}, ${plan} (seed ${seed})`, {
      timeout: 600_000,
    }, async () => {
      const random = new Random(seed);
      const crowded = await crowdedNode(random, mode, plan, "roce, ping, web");
      const { policy, inventory, node, rail } = crowded;
      const model = railModelOf(policy, inventory, { node, rail });
      const pod = random.pick(crowded.locals);
      const representor = pod.representor as string;
      const port = model.tables.portNumber(representor);
      const bound = new HostileModel(model.tables).boundOf(port);
      if (bound === undefined) throw new Error("no bound");
      const attacker: Attacker = {
        pod,
        gatewayMac: parseMac("0c:42:a1:00:01:01") as bigint,
        peers: crowded.peersOf(pod),
        gateways: inventory.rails.get(rail)?.gateways ?? [],
      };
      const seen = new MegaflowSet();
      const translator = new Translator(model.tables);
      for (const frame of framesOf(random, attacker, budget)) {
        const packet = wordsOf(fieldsOf(frame), port);
        const { looked, slow } = translator.translate(packet);
        seen.add(packet, looked, slow);
      }
      const ovs = await switchWith(model.compiled.flows);
      const made = await countMegaflows(
        ovs,
        arrivals(representor, framesOf(random, attacker, sent)),
      );
      const ratio = [
        `bound ${bound.megaflows} megaflows, ${bound.masks} masks`,
        `seen ${seen.all.length}, ${seen.masks}`,
        `in the switch ${made.megaflows}, ${made.masks}`,
      ].join("; ");
      expect(seen.all.length, ratio).toBeLessThanOrEqual(bound.megaflows);
      expect(seen.masks, ratio).toBeLessThanOrEqual(bound.masks);
      expect(seen.all.length, ratio).toBeGreaterThan(1000);
      expect(made.megaflows, ratio).toBeLessThanOrEqual(bound.megaflows);
      expect(made.masks, ratio).toBeLessThanOrEqual(bound.masks);
      expect(made.megaflows, ratio).toBeGreaterThan(500);
    });
});

/** As many of each kind. */
function* framesOf(random: Random, attacker: Attacker, count: number): Generator<Frame> {
  const kinds = Object.values(hostileKinds);
  for (const kind of kinds)
    for (let each = 0; each < count / kinds.length; each++) yield kind(random, attacker);
}

function* arrivals(port: string, frames: Iterable<Frame>): Generator<readonly [string, Frame]> {
  for (const frame of frames) yield [port, frame];
}

async function switchWith(flows: readonly Flow[]): Promise<PrivateSwitch> {
  const ovs = await testSwitch({ bridges: [{ name: "br", ports }] });
  // nothing may age out while it is counted
  await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-idle=600000");
  const numbers = new Map(ports.map((name, index) => [name, index + 1]));
  const file = join(ovs.runDirectory, "flows");
  writeFileSync(file, flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
  await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
  return ovs;
}
