/**
 * Conjunctive matches as the walk of a megaflow's packets follows them: every part of random cubes against single
 * packets, and single packets against Open vSwitch. Flows of one priority that overlap and differ are not understood.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { evaluate } from "../../src/openflow/evaluate.js";
import { type FieldName, fieldsInOrder } from "../../src/openflow/field.js";
import type { Flow } from "../../src/openflow/flow.js";
import type { PacketFields } from "../../src/openflow/packet-fields.js";
import { printActions, printFlow } from "../../src/openflow/print.js";
import { readFlows } from "../../src/openflow/read.js";
import { tablesOf } from "../../src/openflow/tables.js";
import { type Bits, bitsOf, type Cube, isScratch } from "../../src/verify/cube.js";
import { portNamesOf } from "../../src/verify/port-names.js";
import { indexTables } from "../../src/verify/table-index.js";
import { walk } from "../../src/verify/walk.js";
import { conjunctivePackets, conjunctiveTables } from "../support/conjunctive-tables.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";

const seed = 20261123;
const ports = new Map([1, 2, 3].map((number) => [`p${number}`, number]));
const names = portNamesOf(ports);

function pipelineOf(flows: readonly Flow[]) {
  return { index: indexTables(flows, names, "br0", 0), names, bridge: "br0" };
}

function cubeOf(packet: PacketFields, open: ReadonlyMap<FieldName, bigint> = new Map()): Cube {
  const cube = new Map<FieldName, Bits>();
  for (const { name, full } of fieldsInOrder) {
    if (isScratch(name)) continue;
    const mask = full & ~(open.get(name) ?? 0n);
    cube.set(name, { value: (packet.get(name) ?? 0n) & mask, mask, from: name });
  }
  return cube;
}

function holds(cube: Cube, packet: PacketFields): boolean {
  return fieldsInOrder.every(({ name }) => {
    if (isScratch(name)) return true;
    const { value, mask } = bitsOf(cube, name);
    return (((packet.get(name) ?? 0n) ^ value) & mask) === 0n;
  });
}

function stepOf({ table, priority, actions }: Flow): string {
  return `${table} ${priority} ${printActions(actions)}`;
}

/** The bits that tell the packets apart. */
const openable = [
  ["nw_src", 0xfn],
  ["nw_dst", 3n],
  ["tp_dst", 1n],
] as const;

test(`each packet is in one part, which does what the packet does (seed ${seed})`, () => {
  const random = new Random(seed);
  const packets = conjunctivePackets();
  const seen = { known: 0, unknown: 0, conjoined: 0, cut: 0 };
  for (let run = 0; run < 120; run++) {
    const flows = conjunctiveTables(random);
    const tables = tablesOf(flows, ports);
    const first = random.pick(packets);
    const cube = cubeOf(first.packet, new Map(openable.filter(() => random.chance(0.7))));
    const parts = [...walk(pipelineOf(flows), `p${first.inPort}`, cube)];
    if (parts.length > 1) seen.cut++;
    for (const { packet, inPort, text } of packets) {
      if (inPort !== first.inPort || !holds(cube, packet)) continue;
      const context = `${flows.map((flow) => printFlow(flow)).join("\n")}\n${text}`;
      const [part, ...others] = parts.filter(({ packets: own }) => holds(own, packet));
      expect(others, context).toEqual([]);
      const { doubt, outputs, path } = evaluate(tables, packet, { inPort });
      expect(part?.opaque === undefined, `${context}\n${part?.opaque}`).toBe(doubt === undefined);
      seen[doubt === undefined ? "known" : "unknown"]++;
      if (doubt !== undefined) continue;
      if (path[0]?.conjunctive !== undefined) seen.conjoined++;
      expect(
        part?.outputs.map(({ port }) => port),
        context,
      ).toEqual(outputs.map(({ port }) => `p${port}`));
      // of flows that do the same, either
      const steps = path.flatMap(({ flow }) => (flow === undefined ? [] : [stepOf(flow)]));
      expect(part?.path.map(stepOf), context).toEqual(steps);
    }
  }
  for (const count of Object.values(seen)) expect(count, JSON.stringify(seen)).toBeGreaterThan(30);
});

test.each([
  ["other", "output:p3", "two flows of priority 5"],
  ["the same", "output:p2", undefined],
])("flows of one priority that do %s", (_, actions, opaque) => {
  const { flows } = readFlows({
    name: "flows",
    text: `table=0,priority=5,tcp,nw_src=10.0.0.1 actions=output:p2\ntable=0,priority=5,tcp,nw_dst=10.0.1.1 actions=${actions}\n`,
  });
  const [packet] = conjunctivePackets();
  if (packet === undefined) throw new Error("no packets");
  const parts = [
    ...walk(pipelineOf(flows), "p1", cubeOf(packet.packet, new Map([["nw_dst", 3n]]))),
  ];
  expect(parts.map((part) => part.opaque).filter(Boolean)).toEqual(
    opaque === undefined ? [] : [opaque],
  );
});

describeWithOpenVswitch("conjunctive matches, walked", () => {
  test(`as ofproto/trace has them (seed ${seed})`, { timeout: 120_000 }, async () => {
    const random = new Random(seed + 1);
    const ovs = await testSwitch({ bridges: [{ name: "br0", ports: ["p1", "p2", "p3"] }] });
    const file = join(ovs.runDirectory, "flows");
    const seen = { compared: 0, conjoined: 0 };
    for (let run = 0; run < 15; run++) {
      const flows = conjunctiveTables(random);
      const lines = flows.map((flow) => printFlow(flow)).join("\n");
      writeFileSync(file, `${lines}\n`);
      await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br0.mgmt`, file);
      const pipeline = pipelineOf(flows);
      for (const { packet, inPort, text } of random.shuffled(conjunctivePackets()).slice(0, 12)) {
        const [part, ...others] = [...walk(pipeline, `p${inPort}`, cubeOf(packet))];
        expect(others).toEqual([]);
        if (part === undefined || part.opaque !== undefined) continue;
        const trace = await ovs.trace("br0", text);
        const met = [...trace.matchAll(/^ *([0-9]+)\. .*priority ([0-9]+)/gm)].map(
          ([, table, priority]) => `${table} ${priority}`,
        );
        const ours = part.path.map(({ table, priority }) => `${table} ${priority}`);
        expect(ours, `${lines}\n${text}\n${trace}`).toEqual(met);
        const sent = /^Datapath actions: (.*)$/m.exec(trace)?.[1] ?? "";
        const numbers = part.outputs.map(({ port }) => port.slice(1)).join(",");
        expect(numbers === "" ? "drop" : numbers, trace).toBe(sent);
        seen.compared++;
        if (/^ *0\. conj_id=/m.test(trace)) seen.conjoined++;
      }
    }
    expect(seen.compared, JSON.stringify(seen)).toBeGreaterThan(60);
    expect(seen.conjoined, JSON.stringify(seen)).toBeGreaterThan(5);
  });
});
