/** Our prediction of a megaflow's match, and the "Megaflow:" line of `ofproto/trace`, on the same tables and packets. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileRail } from "../../../src/compile/compile-rail.js";
import { classifyTables } from "../../../src/datapath/unwildcard/classified-tables.js";
import { unwildcard } from "../../../src/datapath/unwildcard/unwildcard.js";
import { parseMac } from "../../../src/net/mac.js";
import type { Flow } from "../../../src/openflow/flow.js";
import { localPort } from "../../../src/openflow/match.js";
import { fieldsOf } from "../../../src/openflow/packet-fields.js";
import { printFlow } from "../../../src/openflow/print.js";
import { readFlow } from "../../../src/openflow/read.js";
import { printTraceFrame } from "../../../src/switch/frame-text.js";
import type { PrivateSwitch } from "../../../src/switch/private-switch.js";
import { sampleTables } from "../../openflow/arbitrary-tables.js";
import { conjunctivePackets, conjunctiveTables } from "../../support/conjunctive-tables.js";
import { nastyWorld } from "../../support/nasty-world.js";
import { describeWithOpenVswitch, testSwitch } from "../../support/private-switch.js";
import { Random } from "../../support/random.js";
import { randomArrival } from "../../support/random-frame.js";
import { randomWorld, worldRepresentors } from "../../support/random-world.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20263);
const runs = 60;
const framesPerRun = 60;
const worlds = Number(process.env["RAILFENCE_WORLDS"] ?? 40);
const framesPerWorld = 60;

describeWithOpenVswitch("the predicted megaflow", () => {
  test(`is that of ofproto/trace, on ${runs} random tables (seed ${seed})`, async () => {
    const ovs = await testSwitch({ bridges: [{ name: "br0", ports: ["p1", "p2", "p3"] }] });
    const cases = sampleTables(seed, runs, framesPerRun);
    const seen = { compared: 0, tied: 0, masks: new Set<string>() };
    for (const [drawn, list] of cases) {
      // the same match twice is one flow to OVS, the last
      const flows = withoutDoubles(drawn);
      await replaceFlows(ovs, "br0", flows);
      const tables = classifyTables(flows);
      for (const [frame, inPort] of list) {
        const ours = unwildcard(tables, fieldsOf(frame), { inPort });
        if (ours.tied) seen.tied++;
        if (ours.tied || ours.doubt !== undefined) continue;
        const text = await ovs.trace("br0", printTraceFrame(frame, inPort));
        const context = `${flows.map((flow) => printFlow(flow)).join("\n")}\n${text}`;
        expect(printed(ours.fields), context).toEqual(megaflowIn(text));
        expect(ours.slow, context).toBe(/userspace slow path/.test(text));
        seen.compared++;
        seen.masks.add(ours.fields.map(({ field, mask }) => `${field}/${mask}`).join());
      }
    }
    expect(seen.compared).toBeGreaterThan(500);
    expect(seen.masks.size).toBeGreaterThan(100);
  });

  test(`is that of ofproto/trace, on ${runs} tables of conjunctive matches (seed ${seed})`, async () => {
    const ovs = await testSwitch({ bridges: [{ name: "br0", ports: ["p1", "p2", "p3"] }] });
    const random = new Random(seed);
    const seen = { compared: 0, met: 0, masks: new Set<string>() };
    for (let run = 0; run < runs; run++) {
      const flows = withoutDoubles(conjunctiveTables(random));
      await replaceFlows(ovs, "br0", flows);
      const tables = classifyTables(flows);
      for (const { packet, inPort, text: arrival } of conjunctivePackets()) {
        const ours = unwildcard(tables, packet, { inPort });
        if (ours.tied || ours.doubt !== undefined) continue;
        const text = await ovs.trace("br0", arrival);
        const context = `${flows.map((flow) => printFlow(flow)).join("\n")}\n${text}`;
        expect(printed(ours.fields), context).toEqual(megaflowIn(text));
        seen.compared++;
        if (ours.path.some(({ flow }) => flow?.match.fields[0]?.field === "conj_id")) seen.met++;
        seen.masks.add(ours.fields.map(({ field, mask }) => `${field}/${mask}`).join());
      }
    }
    expect(seen.compared).toBeGreaterThan(1000);
    expect(seen.met).toBeGreaterThan(100);
    expect(seen.masks.size).toBeGreaterThan(20);
  });

  test(`is that of ofproto/trace, on ${worlds} compiled worlds (seed ${seed})`, {
    timeout: 900_000,
  }, async () => {
    const random = new Random(seed);
    const ovs = await testSwitch({
      bridges: [{ name: "br", ports: ["uplink", ...worldRepresentors] }],
    });
    const masks = new Set<string>();
    for (let index = 0; index < worlds; index++) {
      const world = await (index % 2 === 0 ? randomWorld : nastyWorld)(random);
      for (const rail of world.inventory.rails.keys()) {
        const { policy, inventory, node } = world;
        const { flows, ports } = compileRail(policy, inventory, { node, rail });
        const numbers = new Map<string, number>([
          [ports.uplink, 1],
          ...worldRepresentors.map((name, at) => [name, at + 2] as const),
        ]);
        await replaceFlows(ovs, "br", flows, numbers);
        const tables = classifyTables(flows, numbers);
        for (let count = 0; count < framesPerWorld / 2; count++) {
          const { port, frame } = randomArrival(random, world, rail);
          const inPort =
            port === "host"
              ? localPort
              : port === "uplink"
                ? 1
                : (numbers.get(port.representor) as number);
          const ours = unwildcard(tables, fieldsOf(frame), { inPort });
          const text = await ovs.trace("br", printTraceFrame(frame, inPort));
          expect(
            printed(ours.fields),
            `${world.policyText}\n${world.inventoryText}\n${text}`,
          ).toEqual(megaflowIn(text));
          // each mask shape of a table has its own priority, so nothing depends on OVS's order
          expect(ours.tied).toBe(false);
          masks.add(ours.fields.map(({ field, mask }) => `${field}/${mask}`).join());
        }
      }
    }
    expect(masks.size).toBeGreaterThan(50);
  });
});

function printed(fields: readonly { field: string; value: bigint; mask: bigint }[]): string[] {
  // always exact for IP, and our reader writes it with the fewest bits
  return fields
    .filter(({ field }) => field !== "nw_frag")
    .map(({ field, value, mask }) => `${field}=${value.toString(16)}/${mask.toString(16)}`)
    .sort();
}

/** What the datapath gets of it: `ofproto/trace` also prints masks that no datapath key can hold (lib/odp-util.c). */
function megaflowIn(text: string): string[] {
  const line = /^Megaflow: (.*)$/m.exec(text)?.[1] as string;
  const flow = readFlow(`${line} actions=drop`);
  if (flow === undefined) throw new Error(line);
  const hasNeighbour = /icmp_type=(13[56]|0x8[78]\/0xff),icmp_code=0(x0\/0xff)?(,|$)/.test(line);
  const isLater = line.includes("nw_frag=later");
  const all = [...printed(flow.match.fields), ...(flow.match.unknown ?? []).map(neighbourOption)];
  return all
    .filter((one) => one !== "recirc_id=0" && one !== "eth")
    .filter((one) => !(isLater && one.startsWith("tcp_flags")))
    .filter((one) => hasNeighbour || !one.startsWith("nd_"))
    .sort();
}

/** The option of the other message: a flow cannot match it, a megaflow can. */
function neighbourOption(text: string): string {
  const [, name, value, mask] =
    /^(nd_[st]ll)=([0-9a-f:]{17})(?:\/([0-9a-f:]{17}))?$/.exec(text) ?? [];
  if (name === undefined) return text;
  const number = (mac: string | undefined) =>
    (parseMac(mac ?? "ff:ff:ff:ff:ff:ff") as bigint).toString(16);
  return `${name}=${number(value)}/${number(mask)}`;
}

function withoutDoubles(flows: readonly Flow[]): Flow[] {
  const byKey = new Map<string, Flow>();
  for (const flow of flows) byKey.set(printFlow({ ...flow, actions: [] }), flow);
  return [...byKey.values()];
}

async function replaceFlows(
  ovs: PrivateSwitch,
  bridge: string,
  flows: readonly Flow[],
  numbers?: ReadonlyMap<string, number>,
): Promise<void> {
  const file = join(ovs.runDirectory, "flows");
  writeFileSync(file, flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
  await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/${bridge}.mgmt`, file);
  // OVS takes removed flows out of its classifier a little later (ovsrcu_postpone()), and until then looks at them
  await new Promise((done) => setTimeout(done, 50));
}
