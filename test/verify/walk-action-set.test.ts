/**
 * Queues, notes, copies for controllers and action sets as the walk of a megaflow's packets follows them: single packets
 * against `evaluate`, which is held to Open vSwitch, and the megaflows that a real switch makes of such flows.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import { evaluate, type Output } from "../../src/openflow/evaluate.js";
import { type FieldName, fieldsInOrder } from "../../src/openflow/field.js";
import { fieldsOf, type PacketFields } from "../../src/openflow/packet-fields.js";
import { printFlow } from "../../src/openflow/print.js";
import { printExact } from "../../src/openflow/print-value.js";
import { readFlows } from "../../src/openflow/read.js";
import { tablesOf } from "../../src/openflow/tables.js";
import { type Bits, type Cube, isScratch } from "../../src/verify/cube.js";
import { pathsOf } from "../../src/verify/datapath-path.js";
import { judgePath } from "../../src/verify/judge-path.js";
import { openflowPortName, portNamesOf } from "../../src/verify/port-names.js";
import { indexTables } from "../../src/verify/table-index.js";
import { walk } from "../../src/verify/walk.js";
import { sampleTables } from "../openflow/arbitrary-tables.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

const seed = 20261124;
const runs = 60;
const framesPerRun = 30;

const names = portNamesOf(new Map([1, 2, 3].map((number) => [`p${number}`, number])));

test(`single packets, ${runs} random tables x ${framesPerRun} (seed ${seed})`, () => {
  const seen = { compared: 0, toControllers: 0, bySet: 0 };
  for (const [flows, list] of sampleTables(seed, runs, framesPerRun)) {
    const tables = tablesOf(flows);
    const pipeline = { index: indexTables(flows, names, "br", 0), names, bridge: "br" };
    for (const [frame, inPort] of list) {
      const packet = fieldsOf(frame);
      // no flow sees the type of a fragment, so none asks for its target
      if ((packet.get("nw_frag") ?? 0n) !== 0n && packet.has("nd_target")) continue;
      const { outputs, doubt, path } = evaluate(tables, packet, { inPort });
      if (doubt !== undefined) continue;
      const context = `${flows.map((flow) => printFlow(flow)).join("\n")}\nport ${inPort}`;
      const parts = [...walk(pipeline, openflowPortName(inPort, names, "br"), exactly(packet))];
      expect(parts, context).toHaveLength(1);
      expect(parts[0]?.opaque, context).toBeUndefined();
      const sent = parts[0]?.outputs.map(({ port, changes }) => `${port} ${changes}`);
      expect(sent, context).toEqual(outputs.map((one) => printOutput(one, packet)));
      seen.compared++;
      if (sent?.some((one) => one.startsWith("CONTROLLER"))) seen.toControllers++;
      if (path.some(({ flow }) => flow?.actions.some(({ kind }) => kind === "write-actions")))
        seen.bySet++;
    }
  }
  expect(seen.compared).toBeGreaterThan((runs * framesPerRun) / 3);
  expect(seen.toControllers).toBeGreaterThan(50);
  expect(seen.bySet).toBeGreaterThan(200);
});

function exactly(packet: PacketFields): Cube {
  const cube = new Map<FieldName, Bits>();
  for (const { name, full } of fieldsInOrder)
    if (!isScratch(name)) {
      const seen = (packet.get("nw_frag") ?? 0n) !== 0n && portFields.includes(name);
      cube.set(name, { value: seen ? 0n : (packet.get(name) ?? 0n), mask: full, from: name });
    }
  return cube;
}

/** The cube of a megaflow of fragments has none (megaflow-cube.ts). */
const portFields = ["tp_src", "tp_dst", "icmp_type", "icmp_code", "icmpv6_type", "icmpv6_code"];

function printOutput({ port, fields }: Output, packet: PacketFields): string {
  const changes = fieldsInOrder.flatMap((field) => {
    const [was, is] = [packet, fields].map((one) => one.get(field.name) ?? 0n) as [bigint, bigint];
    return isScratch(field.name) || was === is ? [] : [`${field.name}=${printExact(field, is)}`];
  });
  return `${openflowPortName(port, names, "br")} ${changes.sort().join(" ")}`;
}

const lists = [
  ["set_queue:5,output:2,pop_queue,output:3"],
  ["set_queue:5,mod_dl_dst:02:00:00:00:00:07,output:2"],
  ["note:01.02,output:2", "note:01.02"],
  ["controller,output:2", "mod_dl_dst:02:00:00:00:00:07,controller", "controller"],
  ["write_actions(output:2),goto_table:1", "drop"],
  ["write_actions(output:2),goto_table:1", "clear_actions"],
  ["write_actions(output:2),goto_table:1", "output:3,clear_actions,write_actions(CONTROLLER)"],
  ["resubmit(,1),output:3", "write_actions(set_field:02:00:00:00:00:07->eth_dst,IN_PORT)"],
];

describeWithOpenVswitch("the megaflow of a real switch", () => {
  test.each(lists)("agrees with the tables: %s", async (...texts) => {
    const ovs = await testSwitch({ bridges: [{ name: "br", ports: ["p1", "p2", "p3"] }] });
    // a bridge without controllers makes the same megaflow: whoever listens is asked when the packet is there
    const flows = texts.flatMap((actions, table) => [`table=${table},actions=${actions}\n`]);
    const file = join(ovs.runDirectory, "flows");
    writeFileSync(file, flows.join(""));
    const target = `unix:${ovs.runDirectory}/br.mgmt`;
    await ovs.ofctl("--bundle", "replace-flows", target, file);
    const packet =
      "in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=2)";
    await ovs.inject("p1", packet);
    const read = readFlows({
      name: "flows",
      text: await ovs.ofctl("--names", "dump-flows", target),
    });
    expect(read.flows.every(({ understood }) => understood)).toBe(true);
    const dump = await ovs.dumpMegaflows();
    const { megaflows } = readMegaflows({ name: "dump", text: dump });
    const paths = pathsOf(megaflows, () => undefined).paths;
    expect(paths).toHaveLength(1);
    const pipeline = { index: indexTables(read.flows, names, "br", 0), names, bridge: "br" };
    for (const path of paths)
      expect(judgePath(path, "p1", pipeline, names).kind, dump).toBe("agrees");
    // and not with tables that drop the packet, or send it elsewhere
    const { flows: others } = readFlows({ name: "flows", text: "actions=output:p3,IN_PORT\n" });
    const other = { index: indexTables(others, names, "br", 0), names, bridge: "br" };
    for (const path of paths) expect(judgePath(path, "p1", other, names).kind).not.toBe("agrees");
  });
});
