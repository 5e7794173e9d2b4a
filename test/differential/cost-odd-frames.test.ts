/**
 * Frames that no network stack sends, byte by byte, into a real switch: tags upon tags, frames without an EtherType, ARP of
 * another form, chains of extension headers, fragments, options twice, cut short. What they make is within the hostile
 * count, each megaflow is one that the model makes of its own fields, and where all there are were made by words alone,
 * bytes make no other.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Megaflow } from "../../src/datapath/megaflow.js";
import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import type { ClassifiedTables } from "../../src/datapath/unwildcard/classified-tables.js";
import { classifyTables } from "../../src/datapath/unwildcard/classified-tables.js";
import {
  addField,
  type Words,
  wordCount,
  wordOf,
} from "../../src/datapath/unwildcard/flow-words.js";
import { Translator } from "../../src/datapath/unwildcard/translation.js";
import type { Flow } from "../../src/openflow/flow.js";
import { printFlow } from "../../src/openflow/print.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { HostileModel } from "../../src/verify/cost/hostile-bound.js";
import { railModelOf } from "../../src/verify/cost/rail-model.js";
import { countMegaflows } from "../support/count-megaflows.js";
import { crowdedNode } from "../support/crowded-node.js";
import { everyMegaflow } from "../support/every-megaflow.js";
import type { Attacker } from "../support/hostile-frames.js";
import { oddKinds } from "../support/odd-frames.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";
import { address, bridgeMac, mac, macs, tinyRail } from "../support/tiny-rail.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20269);
/** In all. */
const budget = Number(process.env["RAILFENCE_FRAMES"] ?? 100_000);
const ports = ["p0", ...Array.from({ length: 16 }, (_, index) => `v${index}`)];
const kinds = Object.values(oddKinds);
const named = [0x0800, 0x86dd, 0x0806];

const crowdedRails = [
  ["routed", "aligned"],
  ["routed", "scattered"],
  ["bridged", "aligned"],
  ["bridged", "scattered"],
] as const;
const tinyRails = [
  ["routed", "v0", true],
  ["bridged", "v0", false],
  ["bridged", "p0", true],
] as const;
const perPort = Math.floor(budget / (2 * crowdedRails.length + tinyRails.length));

describeWithOpenVswitch(`odd frames, ${perPort} at each port (seed ${seed})`, () => {
  let ovs: PrivateSwitch;
  beforeAll(async () => {
    ovs = await testSwitch({ bridges: [{ name: "br", ports }] });
    // nothing may age out, be revalidated or be refused while it is counted
    await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-idle=6000000");
    await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-revalidator=6000000");
    await ovs.appctl("upcall/set-flow-limit", String(2 * budget));
  });

  test.each(crowdedRails)(
    "make what is counted on a %s rail, %s",
    { timeout: 300_000 },
    async (mode, plan) => {
      const random = new Random(seed);
      const world = await crowdedNode(random, mode, plan, "roce, ping, web");
      const { compiled, tables } = railModelOf(world.policy, world.inventory, world);
      await install(ovs, compiled.flows, compiled.ports.uplink);
      const pod = random.pick(world.locals);
      const attacker: Attacker = {
        pod,
        gatewayMac: mac(bridgeMac),
        peers: world.peersOf(pod),
        gateways: world.inventory.rails.get(world.rail)?.gateways ?? [],
      };
      for (const port of [pod.representor as string, compiled.ports.uplink]) {
        const inPort = tables.portNumber(port);
        const bound = new HostileModel(tables).boundOf(inPort);
        if (bound === undefined) throw new Error("no bound");
        const made = await megaflowsOf(
          ovs,
          random,
          attacker,
          port === pod.representor ? port : "p0",
        );
        expect(strange(made, tables, inPort)).toEqual([]);
        const ours = made.filter(({ etherType }) => named.includes(etherType));
        expect(ours.length).toBeLessThanOrEqual(bound.megaflows);
        expect(new Set(ours.map(({ mask }) => mask.join())).size).toBeLessThanOrEqual(bound.masks);
        for (const [, count] of byOtherEtherType(made))
          expect(count).toBeLessThanOrEqual(bound.perOtherEtherType);
        expect(ours.length).toBeGreaterThan(500);
      }
    },
  );

  test.each(tinyRails)(
    "make none but those of words on a small %s rail, at %s",
    { timeout: 300_000 },
    async (mode, port, isIpv4) => {
      const random = new Random(seed);
      const rules = "allow red <-> red : roce, ping";
      const all = tinyRail({ mode, rules }).flows;
      const flows = isIpv4 ? withoutIpv6(all) : all;
      const tables = classifyTables(flows);
      await install(ovs, flows, "p0");
      const pod = endpoint(macs[0], 5);
      const attacker: Attacker = {
        pod,
        gatewayMac: mac(bridgeMac),
        peers: [endpoint(macs[1], 6), endpoint(macs[2], 9)],
        gateways: [address("10.1.0.1"), address("fd00:1::1")],
      };
      const inPort = tables.portNumber(port);
      const exhausted = new Set<string>();
      for (const { packet, translation } of everyMegaflow(tables, { inPort }))
        exhausted.add(keyOf(packet, translation.looked));
      expect(new HostileModel(tables).boundOf(inPort)?.megaflows).toBe(exhausted.size);
      const made = await megaflowsOf(ovs, random, attacker, port);
      expect(strange(made, tables, inPort)).toEqual([]);
      const ours = made.filter(({ etherType }) => named.includes(etherType));
      const unknown = ours.filter(({ words, mask }) => {
        words[wordOf.inPort] = inPort;
        return !exhausted.has(keyOf(words, mask));
      });
      expect(unknown.map(({ text }) => text)).toEqual([]);
      expect(ours.length).toBeGreaterThan(100);
    },
  );
});

interface Made {
  readonly etherType: number;
  readonly words: Words;
  readonly mask: Words;
  readonly text: string;
}

async function megaflowsOf(
  ovs: PrivateSwitch,
  random: Random,
  attacker: Attacker,
  port: string,
): Promise<Made[]> {
  const frames = Array.from(
    { length: perPort },
    (_, at) =>
      [port, (kinds[at % kinds.length] as (typeof kinds)[number])(random, attacker)] as const,
  );
  await countMegaflows(ovs, frames);
  // the last miss is counted a moment before its megaflow is there
  await new Promise((done) => setTimeout(done, 20));
  const { megaflows, problems } = readMegaflows({ name: "dump", text: await ovs.dumpMegaflows() });
  expect(problems).toEqual([]);
  return megaflows.map(madeOf);
}

/** Its fields in words; of two EtherTypes, that within the tag. */
function madeOf({ match }: Megaflow): Made {
  const words = new Int32Array(wordCount);
  const mask = new Int32Array(wordCount);
  for (const { name, field, value, mask: bits } of match.fields) {
    if (name.startsWith("vlan.")) {
      words[wordOf.vlan] = 0x1000;
      mask[wordOf.vlan] = 0x1000;
    }
    if (field === undefined) continue;
    if (field === "dl_type") words[wordOf.etherType] = 0;
    addField(words, field, value);
    addField(mask, field, bits);
  }
  mask[wordOf.inPort] = -1;
  const text = match.fields
    .filter((one) => one.mask !== 0n)
    .map((one) => `${one.field ?? one.name}=${one.value.toString(16)}/${one.mask.toString(16)}`);
  return { etherType: words[wordOf.etherType] as number, words, mask, text: text.join(" ") };
}

/** Those that the model looks at otherwise. */
function strange(made: readonly Made[], tables: ClassifiedTables, inPort: number): string[] {
  const translator = new Translator(tables);
  return made.flatMap(({ words, mask, text }) => {
    words[wordOf.inPort] = inPort;
    const { looked } = translator.translate(words);
    const others = [...looked.keys()].filter((word) => looked[word] !== mask[word]);
    return others.length === 0 ? [] : [`${text}: words ${others}`];
  });
}

function byOtherEtherType(made: readonly Made[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { etherType } of made)
    if (!named.includes(etherType)) counts.set(etherType, (counts.get(etherType) ?? 0) + 1);
  return counts;
}

function keyOf(packet: Words, looked: Words): string {
  return `${packet.map((bits, word) => bits & (looked[word] as number)).join()} ${looked.join()}`;
}

function withoutIpv6(flows: readonly Flow[]): Flow[] {
  return flows.filter(
    ({ match }) =>
      !match.fields.some(({ field, value }) => field === "dl_type" && value === 0x86ddn),
  );
}

function endpoint(ofMac: string, host: number): Attacker["pod"] {
  return {
    ...{ namespace: "red", pod: `p${host}`, node: "n1", rail: "pf1", mac: mac(ofMac) },
    addresses: [address(`10.1.0.${host}`), address(`fd00:1::${host}`)],
  };
}

async function install(ovs: PrivateSwitch, flows: readonly Flow[], uplink: string): Promise<void> {
  const numbers = new Map([
    [uplink, 1],
    ...ports.slice(1).map((name, at) => [name, at + 2] as const),
  ]);
  const file = join(ovs.runDirectory, "flows");
  writeFileSync(file, flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
  await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
  // removed flows leave the classifier a little later
  await new Promise((done) => setTimeout(done, 50));
}
