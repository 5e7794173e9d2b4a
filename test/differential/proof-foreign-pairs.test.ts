/**
 * Pairs of somebody else's flows beside ours in a real switch, of which one writes and leads on and the others look at
 * what was written. Where the proof says "equal", the switch must do with every packet that is tried what it did
 * without them, to the last rewritten field; where it shows a packet, the switch must do with it what the proof says.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { localPort } from "../../src/openflow/match.js";
import { printFlow } from "../../src/openflow/print.js";
import { readFlows } from "../../src/openflow/read.js";
import { decide } from "../../src/policy/decide.js";
import { printTraceFrame } from "../../src/switch/frame-text.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { DiagramLimitError } from "../../src/verify/proof/diagram.js";
import type { RailProof } from "../../src/verify/proof/finding.js";
import { proveRail } from "../../src/verify/proof/prove-rail.js";
import { foreignPair } from "../support/foreign-pairs.js";
import { nastyWorld } from "../support/nasty-world.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";
import { type ArrivalPort, randomArrival } from "../support/random-frame.js";
import { randomWorld, worldRepresentors } from "../support/random-world.js";
import { isTraceable, sortedPorts, TracedSwitch } from "../support/traced-switch.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20261124);
const worlds = Number(process.env["RAILFENCE_WORLDS"] ?? 7);
const pairsPerWorld = 20;
const framesPerWorld = 200;
/** Of each pair that is said to do no harm, mostly from where its first flow looks. */
const framesPerPair = 50;

const uplinkNumber = 1;
const firstNumber = 2;
const strayNumber = firstNumber + worldRepresentors.length;
const ports = ["LOCAL", ...Array.from({ length: strayNumber }, (_, index) => String(index + 1))];

describeWithOpenVswitch("pairs of flows of somebody else", () => {
  let ovs: PrivateSwitch;
  let traced: TracedSwitch;
  beforeAll(async () => {
    ovs = await testSwitch({
      bridges: [{ name: "br", ports: ["uplink", ...worldRepresentors, "stray"] }],
    });
    traced = await TracedSwitch.of(ovs);
  });

  test(`are judged as a real switch treats them, ${worlds} nodes x ${pairsPerWorld} (seed ${seed})`, {
    timeout: 1_800_000,
  }, async () => {
    const random = new Random(seed);
    const tally = { equal: 0, different: 0, unknown: 0, refused: 0, entangled: 0, shown: 0 };
    for (let index = 0; index < worlds; index++) {
      const world = await (index % 2 === 0 ? nastyWorld : randomWorld)(random);
      const rail = random.pick([...world.inventory.rails.keys()]);
      const { node } = world;
      const compiled = compileRail(world.policy, world.inventory, { node, rail });
      const numbers = new Map([
        [compiled.ports.uplink, uplinkNumber],
        ...worldRepresentors.map((name, at) => [name, firstNumber + at] as const),
        ["stray", strayNumber],
      ]);
      const target = `unix:${ovs.runDirectory}/br.mgmt`;
      const file = join(ovs.runDirectory, "flows");
      writeFileSync(file, compiled.flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
      await ovs.ofctl("--bundle", "replace-flows", target, file);
      const packets = [];
      for (let count = 0; count < framesPerWorld; count++) {
        const { port, frame } = randomArrival(random, world, rail);
        const packet = printTraceFrame(frame, numberIn(port, numbers));
        const before = await traced.actionsFor(packet);
        const decision = decide(world.policy, world.inventory, { node, rail, port, frame });
        const to = decision.kind === "answer" ? port : decision.kind === "drop" ? [] : decision.to;
        const wanted = Array.isArray(to) ? [] : [numberIn(to, numbers)];
        expect(traced.portsIn(before), packet).toBe(sortedPorts(wanted));
        packets.push({ packet, before, inPort: packet.slice(0, packet.indexOf(",")) });
      }
      for (let count = 0; count < pairsPerWorld; count++) {
        const texts = foreignPair({ random, ours: compiled.flows, portNumbers: numbers, ports });
        const taken: string[] = [];
        for (const text of texts)
          await ovs.ofctl("-O", "OpenFlow14", "add-flow", target, text).then(
            () => taken.push(text),
            () => tally.refused++,
          );
        if (taken.length === 0) continue;
        const about = `${taken.join(" | ")} (seed ${seed}, node ${index}, pair ${count}, rail ${rail})`;
        const text = await ovs.ofctl("-O", "OpenFlow14", "--no-names", "dump-flows", target);
        const { flows, problems } = readFlows({ name: "dump", text });
        expect(problems).toEqual([]);
        const proof = proofOf(() => proveRail({ ...world, rail, flows, portNumbers: numbers }));
        tally[proof?.verdict ?? "entangled"]++;
        if (proof?.verdict === "equal")
          for (const { packet, before } of concerned(packets, taken[0] ?? ""))
            expect(await traced.actionsFor(packet), `${about}: ${packet}`).toBe(before);
        const shown: { readonly flow: string; readonly now: string }[] = [];
        for (const { kind, doubt, flow, outputs } of proof?.findings.slice(0, 4) ?? []) {
          if (kind === "unknown") {
            expect(doubt, about).toBeDefined();
            continue;
          }
          if (!isTraceable(flow)) continue;
          const said = outputs.map(({ port }) =>
            typeof port === "number" ? port : (numbers.get(port) ?? localPort),
          );
          const now = await traced.actionsFor(flow);
          expect(traced.portsIn(now), `${about}: ${flow}`).toBe(sortedPorts(said));
          shown.push({ flow, now });
          tally.shown++;
        }
        await ovs.ofctl("--bundle", "replace-flows", target, file);
        // those whose header Open vSwitch sends as it came (commit_set_nw_action() of lib/odp-util.c)
        for (const { flow, now } of shown)
          if (!/nw_proto=0|arp_op=0/.test(flow))
            expect(await traced.actionsFor(flow), `${about}: ${flow}`).not.toBe(now);
      }
    }
    console.log(`foreign pairs: ${JSON.stringify(tally)}`);
    // each verdict was put to the test
    expect(Math.min(tally.equal, tally.different, tally.unknown)).toBeGreaterThan(worlds);
    expect(tally.entangled).toBe(0);
  });
});

function concerned<Packet extends { readonly inPort: string }>(
  packets: readonly Packet[],
  writer: string,
): readonly Packet[] {
  const isNear = ({ inPort }: Packet) => new RegExp(`\\b${inPort}\\b`).test(names(writer));
  const near = packets.filter(isNear);
  return [...near, ...packets.filter((one) => !near.includes(one))].slice(0, framesPerPair);
}

function names(flow: string): string {
  return flow.replace("in_port=LOCAL", `in_port=${localPort}`);
}

function proofOf(prove: () => RailProof): RailProof | undefined {
  try {
    return prove();
  } catch (error) {
    if (error instanceof DiagramLimitError) return undefined;
    throw error;
  }
}

function numberIn(port: ArrivalPort, numbers: ReadonlyMap<string, number>): number {
  if (port === "host") return localPort;
  return port === "uplink" ? uplinkNumber : (numbers.get(port.representor) ?? expect.fail());
}
