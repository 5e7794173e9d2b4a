/** `resubmit` as the walk of a megaflow's packets follows it, and as Open vSwitch does. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type FieldName, fieldOf } from "../../src/openflow/field.js";
import { readFlows } from "../../src/openflow/read.js";
import type { Cube } from "../../src/verify/cube.js";
import { portNamesOf } from "../../src/verify/port-names.js";
import { indexTables } from "../../src/verify/table-index.js";
import { walk } from "../../src/verify/walk.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

const names = portNamesOf(
  new Map([
    ["p1", 1],
    ["p2", 2],
    ["p3", 3],
  ]),
);

const text = `
table=0,priority=9,ip,nw_dst=10.0.0.0/31 actions=resubmit(,7),output:p3
table=0,priority=8,ip,nw_dst=10.0.0.2 actions=mod_nw_dst:10.0.0.9,resubmit(p2,3),output:p1
table=0,priority=7,ip,nw_dst=10.0.0.3 actions=resubmit(,5),resubmit(,7),goto_table:9
table=0,priority=6,ip,nw_dst=10.0.0.4 actions=resubmit(,11)
table=3,priority=2,in_port=p2,ip,nw_dst=10.0.0.9 actions=goto_table:4
table=3,priority=1 actions=output:p3
table=4,in_port=p2 actions=output:p2
table=4,priority=1,in_port=p1 actions=mod_dl_src:02:00:00:00:00:07,output:p3
table=5,ip actions=mod_nw_dst:10.0.0.1
table=7,ip,nw_dst=10.0.0.1 actions=mod_dl_dst:02:00:00:00:00:09,output:p2
table=9,ip,nw_dst=10.0.0.1 actions=IN_PORT
table=11,ip actions=resubmit(,11)
`;

function cubeOf(destination: bigint, mask = 0xffffffffn): Cube {
  const exact = (field: FieldName, value: bigint, known = fieldOf(field).full) =>
    [field, { value, mask: known, from: field }] as const;
  return new Map([
    exact("dl_type", 0x0800n),
    exact("dl_src", 0x020000000001n),
    exact("dl_dst", 0x020000000002n),
    exact("nw_dst", destination, mask),
  ]);
}

const { flows } = readFlows({ name: "flows", text });
const pipeline = { index: indexTables(flows, names, "br", 0), names, bridge: "br" };

test("what one part does is what each of its packets does, and one more bit makes two parts", () => {
  const parts = [...walk(pipeline, "p1", cubeOf(0x0a000000n, 0xfffffffen))];
  expect(parts.map(({ outputs }) => outputs.map(({ port }) => port))).toEqual([
    ["p2", "p3"],
    ["p3"],
  ]);
});

test("a list that leads to itself ends", () => {
  const parts = [...walk(pipeline, "p1", cubeOf(0x0a000004n))];
  expect(parts.map(({ opaque, outputs }) => [opaque, outputs])).toEqual([[undefined, []]]);
});

describeWithOpenVswitch("resubmit", () => {
  test.each([0, 1, 2, 3])("as ofproto/trace has it, for 10.0.0.%i", async (host) => {
    const ovs = await testSwitch({ bridges: [{ name: "br", ports: ["p1", "p2", "p3"] }] });
    const file = join(ovs.runDirectory, "flows");
    writeFileSync(file, text.trimStart());
    await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
    const packet = `in_port=p1,ip,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,nw_dst=10.0.0.${host}`;
    const trace = await ovs.trace("br", packet);
    const parts = [...walk(pipeline, "p1", cubeOf(0x0a000000n + BigInt(host)))];
    expect(parts).toHaveLength(1);
    const [part] = parts;
    expect(part?.opaque).toBeUndefined();
    const tables = [...trace.matchAll(/^ *(\d+)\. .*priority/gm)].map(([, table]) => Number(table));
    expect(part?.path.map(({ table }) => table)).toEqual(tables);
    const sent = [...trace.matchAll(/^ *(?:output:(\d+)|>> .*skipping output)/gm)]
      .filter(([line]) => !line.includes("skipping"))
      .map(([, port]) => `p${port}`);
    const ours = part?.outputs.map(({ port }) => port) ?? [];
    const skipped = (trace.match(/skipping output/g) ?? []).length;
    expect(ours.length, trace).toBe((trace.match(/^ *(output:|IN_PORT)/gm) ?? []).length - skipped);
    for (const port of ours) if (port !== "p1") expect(sent).toContain(port);
    const rewrites = [...trace.matchAll(/set\(eth\(([^)]*)\)\)/g)].length > 0;
    expect(part?.outputs.some(({ changes }) => changes.includes("dl_"))).toBe(rewrites);
  });
});
