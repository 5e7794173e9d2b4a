/**
 * The masks that one hostile pod makes, whatever the frames that chance gives it: hostile-pod.test.ts plays one seed into a
 * switch, this one many into the model of Open vSwitch's un-wildcarding (which cost-hostile.test.ts holds to a switch).
 * The kinds are those that make most masks.
 */

import { expect, test } from "vitest";
import { wordsOf } from "../../src/datapath/unwildcard/flow-words.js";
import { Translator } from "../../src/datapath/unwildcard/translation.js";
import { fieldsOf } from "../../src/openflow/packet-fields.js";
import { MegaflowSet } from "../../src/verify/cost/megaflow-set.js";
import { railModelOf } from "../../src/verify/cost/rail-model.js";
import { crowdedNode } from "../support/crowded-node.js";
import { type HostileKind, hostileKinds } from "../support/hostile-frames.js";
import { Random } from "../support/random.js";

const seeds = [20261123, ...Array.from({ length: 11 }, (_, at) => at + 1)];
const framesPerKind = 4000;
const mostMasks = 96;
const kinds = ["everything at once", "forged answers of TCP, at every peer"] as const;
const cases = (["routed", "bridged"] as const).flatMap((mode) =>
  (["aligned", "scattered"] as const).flatMap((plan) =>
    kinds.map((kind) => [mode, plan, kind] as const),
  ),
);

test.each(cases)(
  `a hostile pod on a %s rail with %s addresses makes at most ${mostMasks} masks with %s, seeds ${seeds.join(", ")}`,
  async (mode, plan, kind) => {
    for (const seed of seeds) {
      const masks = await masksOf(seed, mode, plan, hostileKinds[kind] as HostileKind);
      expect(masks, `seed ${seed}`).toBeLessThanOrEqual(mostMasks);
      // far more than the rail's allowed traffic makes: the frames came through to what they are about
      expect(masks, `seed ${seed}`).toBeGreaterThan(mostMasks / 3);
    }
  },
);

async function masksOf(
  seed: number,
  mode: "routed" | "bridged",
  plan: "aligned" | "scattered",
  kind: HostileKind,
): Promise<number> {
  const random = new Random(seed);
  const { policy, inventory, node, rail, locals, peersOf } = await crowdedNode(
    random,
    mode,
    plan,
    "roce, ping, web",
  );
  const [pod] = locals;
  if (pod?.representor === undefined) throw new Error("no pod to attack from");
  const gateways = inventory.rails.get(rail)?.gateways ?? [];
  const attacker = { pod, gatewayMac: 0x0c42a1000101n, peers: peersOf(pod), gateways };
  const { tables } = railModelOf(policy, inventory, { node, rail });
  const port = tables.portNumber(pod.representor);
  const translator = new Translator(tables);
  const megaflows = new MegaflowSet();
  for (let frame = 0; frame < framesPerKind; frame++) {
    const packet = wordsOf(fieldsOf(kind(random, attacker)), port);
    const { looked, slow } = translator.translate(packet);
    megaflows.add(packet, looked, slow);
  }
  return megaflows.masks;
}
