/** Whatever we print, Open vSwitch reads and prints back unchanged. */

import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Flow } from "../../src/openflow/flow.js";
import { printFlow } from "../../src/openflow/print.js";
import { readFlows } from "../../src/openflow/read.js";
import { arbitraryFlow } from "./arbitrary-flow.js";

const seed = 20261;

function parseFlows(text: string): { stdout: string; stderr: string } {
  const { stdout, stderr } = spawnSync("ovs-ofctl", ["-O", "OpenFlow14", "parse-flows", "-"], {
    input: text,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return { stdout, stderr };
}

/** Priority, match and actions of either form; cookie and table stand elsewhere in a flow message. */
function ownWords(line: string): string {
  return line
    .replace(/^OFPT_FLOW_MOD \(OF1\.4\) \(xid=0x[0-9a-f]+\): ADD /, "")
    .replace(/^table:[0-9]+ /, "")
    .replace(/ ?cookie:0x[0-9a-f]+ /, " ")
    .replace(/^(cookie=0x[0-9a-f]+, )?table=[0-9]+,? /, "")
    .trimStart();
}

test(`every printed flow comes back unchanged from ovs-ofctl parse-flows (seed ${seed})`, () => {
  const batch = fc.array(arbitraryFlow, { minLength: 300, maxLength: 400, size: "max" });
  fc.assert(
    fc.property(batch, (flows: Flow[]) => {
      const lines = flows.map((flow) => printFlow(flow));
      const { stdout, stderr } = parseFlows(`${lines.join("\n")}\n`);
      expect(stderr).toBe("");
      const read = readFlows({ name: "parse-flows", text: stdout });
      expect(read.problems).toEqual([]);
      expect(read.flows.filter((flow) => !flow.understood).map(({ text }) => text)).toEqual([]);
      expect(read.flows.map((flow) => printFlow(flow))).toEqual(lines);
      // our reader sorts: that the order is OVS's own shows only in the text itself
      expect(read.flows.map(({ text }) => ownWords(text))).toEqual(lines.map(ownWords));
    }),
    { seed, numRuns: 15, endOnFailure: true },
  );
});

test(`reading what was printed gives the same flow, but for masked sets, which become loads (seed ${seed})`, () => {
  fc.assert(
    fc.property(arbitraryFlow, (flow) => {
      const read = readFlows({ name: "flow", text: printFlow(flow) }).flows[0];
      expect(read?.understood).toBe(true);
      expect(read?.match).toEqual(flow.match);
      expect(read?.cookie).toBe(flow.cookie);
      const isWhole = flow.actions.every(
        (action) => action.kind !== "set" || action.mask === undefined,
      );
      if (isWhole) expect(read?.actions).toEqual(flow.actions);
    }),
    { seed, numRuns: 2000 },
  );
});
