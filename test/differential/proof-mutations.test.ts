/**
 * The prover on broken tables: every break that changes what becomes of some packet is found, with a packet that our
 * evaluation and Open vSwitch (`ofproto/trace`, for a share of them) confirm; a break that proves equal changes nothing
 * for any packet that is tried.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { type Evaluation, evaluate } from "../../src/openflow/evaluate.js";
import type { Flow } from "../../src/openflow/flow.js";
import { localPort, type Port } from "../../src/openflow/match.js";
import { fieldsOf, type PacketFields } from "../../src/openflow/packet-fields.js";
import { printFlow } from "../../src/openflow/print.js";
import { type Tables, tablesOf } from "../../src/openflow/tables.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import type { ProofFinding } from "../../src/verify/proof/finding.js";
import { proveRail } from "../../src/verify/proof/prove-rail.js";
import { breakFlows } from "../support/break-flows.js";
import { nastyWorld } from "../support/nasty-world.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";
import { randomArrival } from "../support/random-frame.js";
import { randomWorld, type World, worldRepresentors } from "../support/random-world.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20261123);
const nodes = Number(process.env["RAILFENCE_WORLDS"] ?? 200);
const triedPackets = 60;

describeWithOpenVswitch("the prover", () => {
  test(`finds what breaks in ${nodes} random nodes (seed ${seed})`, {
    timeout: 1_800_000,
  }, async () => {
    const random = new Random(seed);
    const ovs = await testSwitch({
      bridges: [{ name: "br", ports: ["uplink", ...worldRepresentors] }],
    });
    const seen = { equal: 0, different: 0, unknown: 0, traced: 0 };
    for (let index = 0; index < nodes; index++) {
      const world = await (index % 2 === 0 ? randomWorld : nastyWorld)(random);
      const rail = random.pick([...world.inventory.rails.keys()]);
      const { flows, ports } = compileRail(world.policy, world.inventory, {
        node: world.node,
        rail,
      });
      const broken = breakFlows(random, flows);
      if (broken === undefined) continue;
      const portNumbers = new Map<string, number>([
        [ports.uplink, 1],
        ...worldRepresentors.map((name, at) => [name, at + 2] as const),
      ]);
      const proof = proveRail({ ...world, rail, flows: broken.flows, portNumbers });
      seen[proof.verdict]++;
      const where = `node ${index}, rail ${rail}, ${broken.how}`;
      const before = tablesOf(flows, portNumbers);
      const after = tablesOf(broken.flows, portNumbers);
      if (proof.verdict === "equal") sameForTried(random, world, rail, { before, after }, where);
      for (const finding of proof.findings) confirmed(finding, { before, after }, where);
      const [first] = proof.findings;
      if (first?.kind !== "different" || index % 8 !== 0) continue;
      if (await isTaken(ovs, broken.flows, portNumbers)) {
        seen.traced++;
        expect(await traced(ovs, first.flow), `${where}\n${first.flow}`).toBe(
          first.outputs.length > 0 ? "sent" : "dropped",
        );
      }
    }
    expect(seen.different, JSON.stringify(seen)).toBeGreaterThan(nodes / 6);
    expect(seen.equal, JSON.stringify(seen)).toBeGreaterThan(nodes / 20);
    if (nodes >= 100) expect(seen.traced, JSON.stringify(seen)).toBeGreaterThan(2);
  });
});

interface BeforeAndAfter {
  readonly before: Tables;
  readonly after: Tables;
}

/** The packet of a finding is treated otherwise by the tables that are the policy. */
function confirmed({ kind, packet, port }: ProofFinding, tables: BeforeAndAfter, where: string) {
  const was = outcomeOf(evaluate(tables.before, packet, { inPort: port.port }));
  const is = outcomeOf(evaluate(tables.after, packet, { inPort: port.port }));
  if (kind === "unknown") expect(is, where).toMatch(/^doubt/);
  else expect(is, where).not.toBe(was);
}

function sameForTried(
  random: Random,
  world: World,
  rail: string,
  { before, after }: BeforeAndAfter,
  where: string,
) {
  const { portNumbers } = before;
  for (let count = 0; count < triedPackets; count++) {
    const { port, frame } = randomArrival(random, world, rail);
    const inPort: Port =
      port === "host"
        ? localPort
        : port === "uplink"
          ? 1
          : (portNumbers.get(port.representor) ?? port.representor);
    const packet = fieldsOf(frame);
    const [was, is] = [before, after].map((one) => outcomeOf(evaluate(one, packet, { inPort })));
    expect(is, `${where}, port ${inPort}`).toBe(was);
  }
}

function outcomeOf({ outputs, doubt }: Evaluation): string {
  if (doubt !== undefined) return `doubt ${doubt.kind}`;
  return outputs
    .map(({ port, fields }) => `${port} ${printHeaders(fields)}`)
    .sort()
    .join();
}

function printHeaders(fields: PacketFields): string {
  return [...fields]
    .filter(([name]) => !/^reg|^metadata/.test(name))
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join();
}

/** Whether Open vSwitch takes the flows: a `goto_table` that leads back, it does not. */
async function isTaken(
  ovs: PrivateSwitch,
  flows: readonly Flow[],
  numbers: ReadonlyMap<string, number>,
): Promise<boolean> {
  const file = join(ovs.runDirectory, "flows");
  writeFileSync(file, flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
  try {
    await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
    return true;
  } catch {
    return false;
  }
}

async function traced(ovs: PrivateSwitch, flow: string): Promise<string> {
  const actions = /^Datapath actions: (.*)$/m.exec(await ovs.trace("br", flow))?.[1] ?? "none";
  return actions === "drop" ? "dropped" : "sent";
}
