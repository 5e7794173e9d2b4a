/** Port names as Open vSwitch takes them in flows. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { printFlow } from "../../src/openflow/print.js";
import { readFlows } from "../../src/openflow/read.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

const names = ["pf0vf0", "eth0.5", "0abc", "a-b", "a_b", "enp1s0f0", "12", "drop"];
// OVS prints these bare, which would mean a reserved port to whoever reads it back
const reserved = ["local", "none"];

describeWithOpenVswitch("port names", () => {
  test("are quoted where Open vSwitch quotes, and where a bare name means a reserved port", async () => {
    const ovs = await testSwitch({ bridges: [{ name: "br0", ports: [...names, ...reserved] }] });
    const target = `unix:${ovs.runDirectory}/br0.mgmt`;
    const flows = [...names, ...reserved].map((name, index) => ({
      table: 0,
      priority: 100 - index,
      cookie: 0n,
      match: { inPort: name, fields: [] },
      actions: [{ kind: "output", port: name } as const],
    }));
    const lines = flows.map((flow) => printFlow(flow));
    const file = join(ovs.runDirectory, "flows");
    writeFileSync(file, lines.join("\n"));
    await ovs.ofctl("add-flows", target, file);
    const text = await ovs.ofctl("--names", "--no-stats", "dump-flows", target);
    const read = readFlows({ name: "dump", text }).flows;
    expect(read.slice(0, names.length).map((flow) => printFlow(flow))).toEqual(
      lines.slice(0, names.length),
    );
    expect(text).toContain("in_port=local actions=output:local");
    expect(read.slice(names.length).some(({ understood }) => understood)).toBe(false);
    const byNumber = readFlows({
      name: "dump",
      text: await ovs.ofctl("--no-names", "--no-stats", "dump-flows", target),
    }).flows;
    expect(byNumber.map(({ match }) => match.inPort)).toEqual(flows.map((_, index) => index + 1));
  });
});
