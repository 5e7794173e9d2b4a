/** Conjunctive matches as we and as Open vSwitch understand them: random tables, every packet they tell apart. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { evaluate } from "../../src/openflow/evaluate.js";
import { printFlow } from "../../src/openflow/print.js";
import { readFlow } from "../../src/openflow/read.js";
import { tablesOf } from "../../src/openflow/tables.js";
import { conjunctivePackets, conjunctiveTables } from "../support/conjunctive-tables.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";

const seed = 20261123;
const runs = 40;
const packetsPerRun = 20;

describeWithOpenVswitch("conjunctive matches", () => {
  test(`as ofproto/trace has them, in ${runs} tables (seed ${seed})`, {
    timeout: 240_000,
  }, async () => {
    const random = new Random(seed);
    const ovs = await testSwitch({ bridges: [{ name: "br0", ports: ["p1", "p2", "p3"] }] });
    const file = join(ovs.runDirectory, "flows");
    const seen = { compared: 0, conjoined: 0, doubts: 0 };
    for (let run = 0; run < runs; run++) {
      const flows = conjunctiveTables(random);
      const lines = flows.map((flow) => printFlow(flow)).join("\n");
      writeFileSync(file, `${lines}\n`);
      await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br0.mgmt`, file);
      const tables = tablesOf(flows);
      for (const { packet, inPort, text } of random
        .shuffled(conjunctivePackets())
        .slice(0, packetsPerRun)) {
        const { doubt, path } = evaluate(tables, packet, { inPort });
        if (doubt !== undefined) {
          seen.doubts++;
          expect(doubt.kind).toBe("ambiguous");
          continue;
        }
        const trace = await ovs.trace("br0", text);
        const met = [...trace.matchAll(/^ *([0-9]+)\. (.*)$/gm)].map(
          ([, table, what]) =>
            `${table} ${/priority ([0-9]+)/.exec(what as string)?.[1] ?? "miss"}`,
        );
        const ours = path.map(({ table, flow }) => `${table} ${flow?.priority ?? "miss"}`);
        expect(ours, `${lines}\n${text}\n${trace}`).toEqual(met);
        const conjunction = /^ *0\. conj_id=([0-9]+)/m.exec(trace)?.[1];
        const [id] = path[0]?.flow?.match.fields ?? [];
        expect(id?.field === "conj_id" ? `${id.value}` : undefined, trace).toBe(conjunction);
        seen.compared++;
        if (path[0]?.conjunctive !== undefined) seen.conjoined++;
      }
    }
    expect(seen.compared, JSON.stringify(seen)).toBeGreaterThan((runs * packetsPerRun) / 2);
    expect(seen.conjoined, JSON.stringify(seen)).toBeGreaterThan(30);
    expect(seen.doubts, JSON.stringify(seen)).toBeGreaterThan(0);
  });
});

test.each([
  "table=0, priority=10,conj_id=5,ip,in_port=1 actions=output:2",
  "table=0, priority=10,ip,nw_src=10.0.0.1 actions=conjunction(5,1/2),conjunction(4294967295,64/64)",
])("is written as it is read: %s", (line) => {
  const flow = readFlow(line);
  expect(flow && printFlow(flow)).toBe(line);
});

test.each([
  "conjunction(5,1/1)",
  "conjunction(5,3/2)",
  "conjunction(5,0/2)",
  "conjunction(5,1/65)",
])("what Open vSwitch refuses is not read: %s", (action) => {
  expect(readFlow(`table=0, ip actions=${action}`)?.actions).toEqual([
    { kind: "unknown", text: action },
  ]);
});
