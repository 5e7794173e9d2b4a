/**
 * Three answers to one question, which share no code: what the policy says of a frame (`decide`), what our evaluation
 * of the compiled flows says, and what Open vSwitch says of the same flows (`ofproto/trace`).
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { printMac } from "../../src/net/mac.js";
import type { Frame } from "../../src/net/packet.js";
import { type Evaluation, evaluate } from "../../src/openflow/evaluate.js";
import type { Flow } from "../../src/openflow/flow.js";
import { localPort } from "../../src/openflow/match.js";
import { fieldsOf, type PacketFields } from "../../src/openflow/packet-fields.js";
import { printFlow } from "../../src/openflow/print.js";
import { tablesOf } from "../../src/openflow/tables.js";
import { decide } from "../../src/policy/decide.js";
import type { Decision, Port } from "../../src/policy/decision.js";
import { printTraceFrame } from "../../src/switch/frame-text.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { nastyWorld } from "../support/nasty-world.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";
import { type ArrivalPort, randomArrival } from "../support/random-frame.js";
import { randomWorld, type World, worldRepresentors } from "../support/random-world.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20261123);
const worlds = Number(process.env["RAILFENCE_WORLDS"] ?? 200);
const framesPerWorld = 50;

/** What leaves: nothing, or one frame by one port with these Ethernet addresses. */
type Outcome = "drop" | string;

describeWithOpenVswitch("policy, flows and Open vSwitch", () => {
  test(`agree on ${worlds} policies x ${framesPerWorld} frames (seed ${seed})`, {
    timeout: 900_000,
  }, async () => {
    const random = new Random(seed);
    const ovs = await testSwitch({
      bridges: [{ name: "br", ports: ["uplink", ...worldRepresentors] }],
    });
    const datapathPorts = await readDatapathPorts(ovs);
    const seen = new Map<string, number>();
    for (let index = 0; index < worlds; index++) {
      const world = await (index % 2 === 0 ? randomWorld : nastyWorld)(random);
      for (const rail of world.inventory.rails.keys()) {
        const { flows, ports } = compileRail(world.policy, world.inventory, {
          node: world.node,
          rail,
        });
        const numbers = new Map<string, number>([
          [ports.uplink, 1],
          ...worldRepresentors.map((name, at) => [name, at + 2] as const),
        ]);
        await replaceFlows(ovs, flows, numbers);
        const tables = tablesOf(flows, numbers);
        for (let count = 0; count < framesPerWorld / 2; count++) {
          const { port, frame } = randomArrival(random, world, rail);
          const inPort = numberOf(port, numbers);
          const decision = decide(world.policy, world.inventory, {
            node: world.node,
            rail,
            port,
            frame,
          });
          const expected = outcomeOf(decision, numbers, inPort);
          const evaluation = evaluate(tables, fieldsOf(frame), { inPort });
          const own = outcomeOfEvaluation(evaluation);
          const trace = await ovs.trace("br", printTraceFrame(frame, inPort));
          const theirs = outcomeOfTrace(trace, datapathPorts, frame, inPort);
          if (own !== expected || theirs !== expected)
            throw new Error(
              report(world, rail, port, frame, { expected, own, theirs }, decision, trace),
            );
          const kind = decision.kind === "drop" ? `drop ${decision.reason}` : decision.kind;
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
        }
      }
    }
    // a comparison of drops with drops proves little
    expect(seen.get("deliver")).toBeGreaterThan(worlds * 5);
    expect(seen.get("drop no-rule")).toBeGreaterThan(worlds * 5);
    if (worlds >= 100) {
      expect(seen.get("answer")).toBeGreaterThan(10);
      for (const reason of ["ethernet-source", "ethernet-destination", "source-address", "tagged"])
        expect(seen.get(`drop ${reason}`), reason).toBeGreaterThan(0);
    }
  });
});

function numberOf(port: ArrivalPort | Port, numbers: ReadonlyMap<string, number>): number {
  if (port === "host") return localPort;
  return port === "uplink" ? 1 : (numbers.get(port.representor) as number);
}

function outcomeOf(
  decision: Decision,
  numbers: ReadonlyMap<string, number>,
  inPort: number,
): Outcome {
  if (decision.kind === "drop") return "drop";
  const port = decision.kind === "answer" ? inPort : numberOf(decision.to, numbers);
  return printOutcome(port, decision.frame);
}

function printOutcome(port: number, { source, destination, body }: Frame): Outcome {
  const ethernet = `port ${port} from ${printMac(source)} to ${printMac(destination)}`;
  if (body.kind !== "arp") return ethernet;
  return `${ethernet} arp ${body.operation} ${body.senderAddress.value} ${body.targetAddress.value}`;
}

function outcomeOfEvaluation({ outputs, doubt }: Evaluation): Outcome {
  if (doubt !== undefined) return `doubt ${doubt.kind}`;
  return (
    outputs.map(({ port, fields }) => printFields(port as number, fields)).join(" and ") || "drop"
  );
}

function printFields(port: number, fields: PacketFields): Outcome {
  const of = (name: "dl_src" | "dl_dst" | "arp_op" | "arp_spa" | "arp_tpa") =>
    fields.get(name) ?? 0n;
  const ethernet = `port ${port} from ${printMac(of("dl_src"))} to ${printMac(of("dl_dst"))}`;
  if (fields.get("dl_type") !== 0x0806n) return ethernet;
  return `${ethernet} arp ${of("arp_op")} ${of("arp_spa")} ${of("arp_tpa")}`;
}

/** Reads the datapath actions, the only line of a trace that reaches a datapath. */
function outcomeOfTrace(
  trace: string,
  datapathPorts: ReadonlyMap<number, number>,
  before: Frame,
  inPort: number,
): Outcome {
  const actions = /^Datapath actions: (.*)$/m.exec(trace)?.[1] ?? "no actions";
  if (actions === "drop") return "drop";
  const port = /(?:^|,)([0-9]+)$/.exec(actions)?.[1];
  if (port === undefined || /\),[0-9]+,[0-9]+$|^[0-9]+,[0-9]+$/.test(actions)) return actions;
  const source = /eth\([^)]*src=([0-9a-f:]+)/.exec(actions)?.[1] ?? printMac(before.source);
  const destination =
    /eth\([^)]*dst=([0-9a-f:]+)/.exec(actions)?.[1] ?? printMac(before.destination);
  const to = datapathPorts.get(Number(port)) ?? inPort;
  const ethernet = `port ${to} from ${source} to ${destination}`;
  if (before.body.kind !== "arp") return ethernet;
  const { operation, senderAddress, targetAddress } = before.body;
  const value = (text: string | undefined, otherwise: bigint) =>
    text === undefined
      ? otherwise
      : BigInt(text.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0));
  const op = /[(,]op=([0-9]+)/.exec(actions)?.[1] ?? operation;
  const sip = value(/sip=([0-9.]+)/.exec(actions)?.[1], senderAddress.value);
  const tip = value(/tip=([0-9.]+)/.exec(actions)?.[1], targetAddress.value);
  return `${ethernet} arp ${op} ${sip} ${tip}`;
}

async function replaceFlows(
  ovs: PrivateSwitch,
  flows: readonly Flow[],
  numbers: ReadonlyMap<string, number>,
): Promise<void> {
  const file = join(ovs.runDirectory, "flows");
  writeFileSync(file, flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
  await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
}

async function readDatapathPorts(ovs: PrivateSwitch): Promise<ReadonlyMap<number, number>> {
  const text = await ovs.appctl("dpif/show");
  const found = text.matchAll(/ ([0-9]+)\/([0-9]+): \(/g);
  return new Map(
    [...found].map(([, openflow, datapath]) => [
      Number(datapath),
      Number(openflow) === 65534 ? localPort : Number(openflow),
    ]),
  );
}

function report(
  world: World,
  rail: string,
  port: ArrivalPort,
  frame: Frame,
  answers: { expected: Outcome; own: Outcome; theirs: Outcome },
  decision: Decision,
  trace: string,
): string {
  const print = (value: unknown) =>
    JSON.stringify(value, (key, item) =>
      key === "span" || key === "rules"
        ? undefined
        : typeof item === "bigint"
          ? `0x${item.toString(16)}`
          : item,
    );
  return [
    `policy: ${answers.expected}`,
    `our evaluation: ${answers.own}`,
    `Open vSwitch: ${answers.theirs}`,
    `decision: ${print(decision)}`,
    `rail ${rail}, port ${print(port)}, frame ${print(frame)}`,
    world.policyText,
    world.inventoryText,
    trace,
  ].join("\n");
}
