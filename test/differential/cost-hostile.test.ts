/**
 * The bound on a hostile pod is never beaten: 100,000 crafted packets, translated by the model that is held to
 * `ofproto/trace` (test/datapath/unwildcard).
 */

import { describe, expect, test } from "vitest";
import { wordsOf } from "../../src/datapath/unwildcard/flow-words.js";
import { Translator } from "../../src/datapath/unwildcard/translation.js";
import { parseMac } from "../../src/net/mac.js";
import { fieldsOf } from "../../src/openflow/packet-fields.js";
import { HostileModel } from "../../src/verify/cost/hostile-bound.js";
import { MegaflowSet } from "../../src/verify/cost/megaflow-set.js";
import { railModelOf } from "../../src/verify/cost/rail-model.js";
import { crowdedNode } from "../support/crowded-node.js";
import { type Attacker, hostileKinds } from "../support/hostile-frames.js";
import { Random } from "../support/random.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20266);
const budget = 100_000;

describe("the bound on a hostile pod", () => {
  for (const [mode, plan] of [
    ["routed", "aligned"],
    ["bridged", "scattered"],
  ] as const)
    test(`holds against ${budget} packets: ${mode}, ${plan} (seed ${seed})`, {
      timeout: 600_000,
    }, async () => {
      const random = new Random(seed);
      const crowded = await crowdedNode(random, mode, plan, "roce, ping, web");
      const { policy, inventory, node, rail } = crowded;
      const model = railModelOf(policy, inventory, { node, rail });
      const pod = random.pick(crowded.locals);
      const port = model.tables.portNumber(pod.representor as string);
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
      const kinds = Object.values(hostileKinds);
      for (const kind of kinds)
        for (let count = 0; count < budget / kinds.length; count++) {
          const packet = wordsOf(fieldsOf(kind(random, attacker)), port);
          const { looked, slow } = translator.translate(packet);
          seen.add(packet, looked, slow);
        }
      const ratio = `${bound.megaflows} / ${seen.all.length}, masks ${bound.masks} / ${seen.masks}`;
      expect(seen.all.length, ratio).toBeLessThanOrEqual(bound.megaflows);
      expect(seen.masks, ratio).toBeLessThanOrEqual(bound.masks);
      expect(seen.all.length, ratio).toBeGreaterThan(1000);
    });
});
