/** Our evaluation and Open vSwitch's own, on the same tables and packets. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseMac } from "../../src/net/mac.js";
import { type Evaluation, evaluate } from "../../src/openflow/evaluate.js";
import type { Flow } from "../../src/openflow/flow.js";
import { controllerPort, localPort } from "../../src/openflow/match.js";
import { fieldsOf, frameOf, type PacketFields } from "../../src/openflow/packet-fields.js";
import { printFlow } from "../../src/openflow/print.js";
import { readFlow } from "../../src/openflow/read.js";
import { tablesOf } from "../../src/openflow/tables.js";
import { printTraceFrame } from "../../src/switch/frame-text.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { arbitraryFrame, lastTable, sampleTables } from "./arbitrary-tables.js";

const seed = 20262;
const runs = 60;
const framesPerRun = 60;

describeWithOpenVswitch("evaluation", () => {
  test(`agrees with ofproto/trace on ${runs} tables x ${framesPerRun} packets (seed ${seed})`, async () => {
    const ovs = await testSwitch({ bridges: [{ name: "br0", ports: ["p1", "p2", "p3"] }] });
    const datapathPorts = await readDatapathPorts(ovs);
    const seen = { doubts: 0, compared: 0, sent: 0, rewritten: 0, deepest: 0 };
    const cases = sampleTables(seed, runs, framesPerRun);
    for (const [flows, list] of cases) {
      await replaceFlows(ovs, flows);
      const tables = tablesOf(flows);
      for (const [frame, inPort] of list) {
        const ours = evaluate(tables, fieldsOf(frame), { inPort });
        if (ours.doubt !== undefined) {
          seen.doubts++;
          continue;
        }
        const text = await ovs.trace("br0", printTraceFrame(frame, inPort));
        const context = `${flows.map((flow) => printFlow(flow)).join("\n")}\n${text}`;
        expect(ownView(ours), context).toEqual(traceView(text, fieldsOf(frame), datapathPorts));
        seen.compared++;
        seen.sent += ours.outputs.length;
        if (/^Final flow: (?!unchanged)/m.test(text)) seen.rewritten++;
        seen.deepest = Math.max(seen.deepest, ours.path.length);
      }
    }
    // a comparison of nothing with nothing proves nothing
    expect(seen.compared).toBeGreaterThan((runs * framesPerRun) / 2);
    expect(seen.sent).toBeGreaterThan(200);
    expect(seen.rewritten).toBeGreaterThan(200);
    expect(seen.deepest).toBeGreaterThan(lastTable);
  });
});

test(`a frame comes back from its fields (seed ${seed})`, () => {
  fc.assert(
    fc.property(arbitraryFrame, (frame) => {
      expect(frameOf(fieldsOf(frame))).toEqual(frame);
    }),
    { seed, numRuns: 2000 },
  );
});

interface View {
  readonly path: readonly string[];
  readonly outputs: readonly number[];
  readonly fields: Readonly<Record<string, bigint>>;
}

function ownView({ path, outputs, fields }: Evaluation): View {
  return {
    path: path.map(({ table, flow }) => `${table} ${flow?.priority ?? "miss"}`),
    outputs: outputs.map(({ port }) => port as number),
    fields: valuesIn(fields),
  };
}

function valuesIn(fields: PacketFields): Record<string, bigint> {
  return Object.fromEntries([...fields].filter(([, value]) => value !== 0n));
}

function traceView(
  text: string,
  before: PacketFields,
  datapathPorts: ReadonlyMap<number, number>,
): View {
  const path = [...text.matchAll(/^ *([0-9]+)\. (.*)$/gm)].map(([, table, what]) => {
    const priority = /priority ([0-9]+)/.exec(what as string)?.[1];
    return `${table} ${priority ?? "miss"}`;
  });
  const actions = /^Datapath actions: (.*)$/m.exec(text)?.[1] ?? "";
  const outputs = withoutParentheses(actions)
    .split(",")
    .filter((part) => /^([0-9]+|userspace)$/.test(part))
    .map((part) =>
      part === "userspace" ? controllerPort : (datapathPorts.get(Number(part)) as number),
    );
  const final = /^Final flow: (.*)$/m.exec(text)?.[1] as string;
  return { path, outputs, fields: final === "unchanged" ? valuesIn(before) : fieldsIn(final) };
}

function withoutParentheses(text: string): string {
  const inner = text.replace(/\([^()]*\)/g, "");
  return inner === text ? text : withoutParentheses(inner);
}

/** Trace prints a flow as a match: our reader reads it, and what is zero is not said here. */
function fieldsIn(text: string): Record<string, bigint> {
  // a queue, which no flow can match
  const flow = readFlow(`${text.replace(/^skb_priority=\w+,/, "")} actions=drop`);
  const fields = new Map<string, bigint>();
  // our reader writes "later" with its one bit, a packet has both
  for (const { field, value } of flow?.match.fields ?? [])
    fields.set(field, field === "nw_frag" && value === 2n ? 3n : value);
  for (const key of flow?.match.unknown ?? []) {
    // the option of the other message: a flow cannot match it, a trace prints it
    const option = /^(nd_sll|nd_tll)=(.*)$/.exec(key);
    if (option !== null) fields.set(option[1] as string, parseMac(option[2] as string) as bigint);
    // zeros of what the packet does not have: a second tag, ports of another protocol
    else expect(key).toMatch(/=(0|0x0000)$/);
  }
  return valuesIn(fields as PacketFields);
}

async function replaceFlows(ovs: PrivateSwitch, flows: readonly Flow[]): Promise<void> {
  const file = join(ovs.runDirectory, "flows");
  writeFileSync(file, flows.map((flow) => `${printFlow(flow)}\n`).join(""));
  await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br0.mgmt`, file);
}

/** Datapath port to OpenFlow port, from the lines `p1 1/4: (dummy)` of dpif/show. */
async function readDatapathPorts(ovs: PrivateSwitch): Promise<ReadonlyMap<number, number>> {
  const text = await ovs.appctl("dpif/show");
  const ports = new Map<number, number>();
  for (const [, openflow, datapath] of text.matchAll(/ ([0-9]+)\/([0-9]+): \(/g))
    ports.set(Number(datapath), Number(openflow));
  expect(ports.get(100)).toBe(localPort);
  return ports;
}
