/**
 * Each folder of verify/ holds a policy, an inventory and what a switch said (a dump, or all that `verify --save` keeps), and
 * the verdict as a person sees it.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CompiledRail } from "../../src/compile/compiled-rail.js";
import type { Flow } from "../../src/openflow/flow.js";
import { printFlow } from "../../src/openflow/print.js";
import { readFlows } from "../../src/openflow/read.js";
import { printVerdicts } from "../../src/report/verdict-text.js";
import { loadRecording } from "../../src/switch/recording-folder.js";
import { readRecording } from "../../src/verify/evidence/read-recording.js";
import { exitCodeOf } from "../../src/verify/exit-decision.js";
import { verifyRail } from "../../src/verify/verify-rail.js";
import { sampleRail } from "../support/sample-rail.js";

const folder = new URL("verify", import.meta.url).pathname;
const cases = readdirSync(folder);

async function verdictText(name: string): Promise<string> {
  const path = (file: string) => join(folder, name, file);
  const sample = await sampleRail(path("input.policy"), path("inventory.json"), "gpu-001", "pf1");
  // a folder is what `verify --save` makes, or a dump alone
  const recording = await loadRecording(join(folder, name));
  const [observation] = readRecording(recording, [sample.compiled], "dump.datapath");
  if (observation === undefined) throw new Error("there is one rail");
  const flows = flowsOfSwitch(path("switch.json"), sample.compiled) ?? observation.flows;
  const verdict = verifyRail({ ...sample, ...observation, flows });
  // the folder's own place on this machine is no part of the answer
  const text = printVerdicts([verdict]).replaceAll(`${join(folder, name)}/`, "");
  return `${text}\nexit code ${exitCodeOf([verdict])}\n`;
}

/** The compiled flows with the changes that somebody made on the switch. */
function flowsOfSwitch(file: string, compiled: CompiledRail): readonly Flow[] | undefined {
  if (!existsSync(file)) return undefined;
  const { replace, add } = JSON.parse(readFileSync(file, "utf8")) as {
    replace?: readonly [from: string, to: string];
    add?: readonly string[];
  };
  const lines = compiled.flows.map((flow) => printFlow(flow));
  if (replace !== undefined) {
    const index = lines.findIndex((line) => line.includes(replace[0]));
    lines[index] = lines[index]?.replace(...replace) ?? "";
  }
  return readFlows({ name: "switch", text: [...lines, ...(add ?? [])].join("\n") }).flows;
}

describe("verify", () => {
  test.each(cases)("%s", async (name) => {
    const text = await verdictText(name);
    await expect(text).toMatchFileSnapshot(join(folder, name, "expected.txt"));
  });

  test("there are cases, and each has its dump", () => {
    expect(cases.length).toBeGreaterThan(0);
    for (const name of cases) expect(existsSync(join(folder, name, "dump.datapath"))).toBe(true);
  });
});
