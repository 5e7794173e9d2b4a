import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { costSchema } from "../../src/report/cost-json.js";
import { railfence } from "../support/command.js";
import { sampleInventory, sampleNode, samplePolicy } from "../support/sample.js";

const about = [samplePolicy, "--inventory", sampleInventory, "--node", sampleNode];

test("cost says what each rail needs, by rule and by port, and compares it with the table", async () => {
  const { code, out } = await railfence(["cost", ...about, "--table-size", "65536"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^gpu-001 pf1 \(br-pf1\): [0-9]+ megaflows in [0-9]+ masks/);
  expect(out).toContain("of the eSwitch's 65536 entries");
});

test("as JSON it is what the schema says", async () => {
  const { code, out } = await railfence(["cost", ...about, "--rail", "pf1", "--format", "json"]);
  expect(code).toBe(0);
  const { nodes } = costSchema.parse(JSON.parse(out));
  const [node] = nodes;
  expect(node?.rails.map(({ rail }) => rail)).toEqual(["pf1"]);
  expect(node?.megaflows).toBe(node?.rails[0]?.legitimate.megaflows);
});

test("a size that is none is refused", async () => {
  const { code, err } = await railfence(["cost", ...about, "--table-size", "many"]);
  expect(code).toBe(2);
  expect(err).toContain("It is not a number of entries");
});

test("advice to align ports says what the policy with these ports costs", async () => {
  const rail = [...about, "--rail", "pf1", "--format", "json"];
  const { out } = await railfence(["cost", ...rail, "--advice"]);
  const found = costSchema.parse(JSON.parse(out)).nodes[0]?.rails[0];
  const advice = found?.advice?.find(({ kind }) => kind === "ports");
  expect(advice).toMatchObject({
    service: "nccl",
    ranges: [{ from: "50000-51000", to: "49152-51199" }],
    before: found?.everyPort,
  });
  const folder = mkdtempSync(join(tmpdir(), "railfence-cost-"));
  try {
    for (const file of ["services.policy", "acp.policy"]) {
      const text = readFileSync(join(samplePolicy, file), "utf8");
      writeFileSync(join(folder, file), text.replace("50000-51000", "49152-51199"));
    }
    const changed = await railfence(["cost", folder, ...rail.slice(1)]);
    const after = costSchema.parse(JSON.parse(changed.out)).nodes[0]?.rails[0]?.everyPort;
    expect(advice?.after).toEqual(after);
    expect(after?.megaflows).toBeLessThan((found?.everyPort.megaflows ?? 0) / 10);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
