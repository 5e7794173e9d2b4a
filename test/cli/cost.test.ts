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
