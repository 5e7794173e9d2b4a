/**
 * Flows of somebody else, one or two at a time, beside ours in a real switch: whatever the proof says of them must be what
 * `decide` and `ofproto/trace` say of single packets.
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
import { foreignActions } from "../support/foreign-action.js";
import { foreignMatch } from "../support/foreign-match.js";
import { nastyWorld } from "../support/nasty-world.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";
import { randomArrival } from "../support/random-frame.js";
import { randomWorld, worldRepresentors } from "../support/random-world.js";
import { isTraceable, sortedPorts, TracedSwitch } from "../support/traced-switch.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20261124);
const worlds = Number(process.env["RAILFENCE_WORLDS"] ?? 11);
const attacksPerWorld = 13;
const framesPerAttack = 20;

const uplinkNumber = 1;
const firstNumber = 2;
const strayNumber = firstNumber + worldRepresentors.length;
const ports = ["LOCAL", ...Array.from({ length: strayNumber }, (_, index) => String(index + 1))];

describeWithOpenVswitch("flows of somebody else", () => {
  let ovs: PrivateSwitch;
  let traced: TracedSwitch;
  beforeAll(async () => {
    ovs = await testSwitch({
      bridges: [{ name: "br", ports: ["uplink", ...worldRepresentors, "stray"] }],
    });
    traced = await TracedSwitch.of(ovs);
  });

  test(`are judged as a real switch treats them, ${worlds} nodes x ${attacksPerWorld} (seed ${seed})`, {
    timeout: 900_000,
  }, async () => {
    const random = new Random(seed);
    const tally = { equal: 0, different: 0, unknown: 0, refused: 0, entangled: 0 };
    for (let index = 0; index < worlds; index++) {
      const world = await (index % 2 === 0 ? nastyWorld : randomWorld)(random);
      const rail = random.pick([...world.inventory.rails.keys()]);
      const tableBase = random.pick([0, 0, 3]);
      const compiled = compileRail(world.policy, world.inventory, {
        node: world.node,
        rail,
        tableBase,
      });
      const numbers = new Map([
        [compiled.ports.uplink, uplinkNumber],
        ...worldRepresentors.map((name, at) => [name, firstNumber + at] as const),
        ["stray", strayNumber],
      ]);
      const target = `unix:${ovs.runDirectory}/br.mgmt`;
      const file = join(ovs.runDirectory, "flows");
      writeFileSync(file, compiled.flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
      const foreign = () => {
        const { table: ofOurs, priority: likeOurs } = random.pick(compiled.flows);
        const table = random.chance(0.6) ? random.pick([0, tableBase]) : ofOurs;
        const priority = random.chance(0.3) ? likeOurs : random.pick([65535, 60000, 50100, 1]);
        const match = foreignMatch(random, ports);
        const actions = foreignActions(random, table, ports);
        return [`table=${table}`, `priority=${priority}`, match, `actions=${actions}`]
          .filter((part) => part !== "")
          .join(",");
      };
      const prove = async (): Promise<RailProof | undefined> => {
        const text = await ovs.ofctl("--no-names", "dump-flows", target);
        const { flows, problems } = readFlows({ name: "dump", text });
        expect(problems).toEqual([]);
        try {
          return proveRail({ ...world, rail, flows, portNumbers: numbers });
        } catch (error) {
          if (error instanceof DiagramLimitError) return undefined;
          throw error;
        }
      };
      for (let count = 0; count < attacksPerWorld; count++) {
        await ovs.ofctl("--bundle", "replace-flows", target, file);
        const texts = Array.from({ length: random.chance(0.3) ? 2 : 1 }, foreign);
        const taken: string[] = [];
        for (const text of texts)
          await ovs.ofctl("add-flow", target, text).then(
            () => taken.push(text),
            () => tally.refused++,
          );
        if (taken.length === 0) continue;
        const proof = await prove();
        tally[proof?.verdict ?? "entangled"]++;
        const about = `${taken.join(" | ")} (seed ${seed}, node ${index}, rail ${rail})`;
        if (proof?.verdict === "equal")
          for (let one = 0; one < framesPerAttack; one++) {
            const { port, frame } = randomArrival(random, world, rail);
            const inPort = numberIn(port, numbers);
            const decision = decide(world.policy, world.inventory, {
              node: world.node,
              rail,
              port,
              frame,
            });
            const wanted =
              decision.kind === "drop"
                ? []
                : [decision.kind === "answer" ? inPort : numberIn(decision.to, numbers)];
            const packet = printTraceFrame(frame, inPort);
            expect(await traced.sentTo(packet), `${about}: ${packet}`).toBe(sortedPorts(wanted));
          }
        for (const { kind, doubt, flow, outputs } of proof?.findings.slice(0, 4) ?? []) {
          if (kind === "unknown") {
            expect(doubt, about).toBeDefined();
            continue;
          }
          if (!isTraceable(flow)) continue;
          const said = outputs.map(({ port }) =>
            typeof port === "number" ? port : (numbers.get(port) ?? localPort),
          );
          // a port that is not there yet: the switch sends nothing to it
          const there = said.filter((port) => port !== 99);
          expect(await traced.sentTo(flow), `${about}: ${flow}`).toBe(sortedPorts(there));
        }
      }
    }
    console.log(`foreign flows: ${JSON.stringify(tally)}`);
    // each verdict was put to the test, and few proofs were given up
    expect(Math.min(tally.equal, tally.different, tally.unknown)).toBeGreaterThan(10);
    expect(tally.entangled).toBeLessThan(5);
  });
});

function numberIn(
  port: "host" | "uplink" | { readonly representor: string },
  numbers: ReadonlyMap<string, number>,
): number {
  if (port === "host") return localPort;
  return port === "uplink" ? uplinkNumber : (numbers.get(port.representor) ?? expect.fail());
}
