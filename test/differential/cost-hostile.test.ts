/**
 * What a hostile pod can make is counted exactly: an attacker that knows the tables, and makes a megaflow with every
 * packet, gets as far as that count and not beyond; nor do crafted packets, of the model or of a switch.
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
import { everyMegaflow, rightfulPackets } from "../support/every-megaflow.js";
import { type Attacker, hostileKinds } from "../support/hostile-frames.js";
import { frameOfWords } from "../support/predicted-megaflows.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20266);
/** Of each attacker. */
const budget = 100_000;
/** RAILFENCE_HOSTILE=all sends the packets of each setting into a switch: minutes. */
const sentInAll = process.env["RAILFENCE_HOSTILE"] === "all";
const ports = ["uplink", ...Array.from({ length: 16 }, (_, index) => `v${index}`)];

interface Setting {
  readonly mode: "routed" | "bridged";
  readonly plan: "aligned" | "scattered";
  readonly isSent: boolean;
}

const settings: readonly Setting[] = [
  { mode: "routed", plan: "aligned", isSent: sentInAll },
  { mode: "routed", plan: "scattered", isSent: sentInAll },
  { mode: "bridged", plan: "aligned", isSent: true },
  { mode: "bridged", plan: "scattered", isSent: sentInAll },
];

describeWithOpenVswitch("what a hostile pod can make", () => {
  for (const { mode, plan, isSent } of settings)
    test(`is counted exactly, and ${budget} packets are not beyond it: ${mode}, ${plan} (seed ${seed})`, {
      timeout: 900_000,
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
      expect(bound.isExact).toBe(true);

      let crafted = 0;
      const sent: Frame[] = [];
      const masks = new Set<string>();
      const masksOfSent = new Set<string>();
      for (const { packet, translation } of everyMegaflow(model.tables, {
        inPort: port,
        rightful: rightfulPackets(model, port),
      })) {
        expect(translation.tied).toBe(false);
        const mask = translation.looked.join();
        const frame = frameOfWords(packet);
        masks.add(mask);
        if (isComposed(frame)) {
          sent.push(frame);
          masksOfSent.add(mask);
        }
        if (++crafted === budget) break;
      }
      // each packet made one: all there are, or all that so many packets can make
      const made = `${crafted} of ${bound.megaflows} megaflows, ${masks.size} of ${bound.masks} masks`;
      expect(crafted, made).toBe(Math.min(bound.megaflows, budget));
      expect(masks.size, made).toBeLessThanOrEqual(bound.masks);
      expect(masks.size * 1.5, made).toBeGreaterThan(bound.masks);
      if (crafted < budget) expect(masks.size, made).toBe(bound.masks);

      const seen = new MegaflowSet();
      const attacker: Attacker = {
        pod,
        gatewayMac: parseMac("0c:42:a1:00:01:01") as bigint,
        peers: crowded.peersOf(pod),
        gateways: inventory.rails.get(rail)?.gateways ?? [],
      };
      const translator = new Translator(model.tables);
      for (const frame of framesOf(random, attacker, budget)) {
        const packet = wordsOf(fieldsOf(frame), port);
        const { looked, slow } = translator.translate(packet);
        seen.add(packet, looked, slow);
      }
      expect(seen.all.length).toBeLessThanOrEqual(bound.megaflows);
      expect(seen.masks).toBeLessThanOrEqual(bound.masks);
      expect(seen.all.length).toBeGreaterThan(1000);

      if (!isSent) return;
      const ovs = await switchWith(model.compiled.flows);
      expect(sent.length).toBeGreaterThan(0.9 * crafted);
      const inSwitch = await countMegaflows(ovs, arrivals(representor, sent));
      const figures = `${made}; in the switch ${inSwitch.megaflows} of ${sent.length}, ${inSwitch.masks}`;
      if (process.env["RAILFENCE_HOSTILE"] !== undefined) console.log(mode, plan, figures);
      expect(inSwitch.megaflows, figures).toBe(sent.length);
      expect(inSwitch.masks, figures).toBe(masksOfSent.size);
    });
});

/** The dummy datapath composes no fragment header of IPv6 (flow_compose_l4() in lib/flow.c). */
function isComposed({ body }: Frame): boolean {
  return body.kind !== "ip" || body.source.family === 4 || body.fragment === "no";
}

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
  // nothing may age out, be revalidated or be refused while it is counted
  await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-idle=6000000");
  await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-revalidator=6000000");
  const numbers = new Map(ports.map((name, index) => [name, index + 1]));
  const file = join(ovs.runDirectory, "flows");
  writeFileSync(file, flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
  await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
  await ovs.appctl("upcall/set-flow-limit", String(2 * budget));
  return ovs;
}
