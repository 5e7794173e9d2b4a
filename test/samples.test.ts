/** Every sample in policies/ is checked, and compiled where it has an inventory. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readInventory } from "../src/policy/read-inventory.js";
import { railfence } from "./support/command.js";

const folders = readdirSync("policies", { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `policies/${name}`);

describe.each(folders)("%s", (folder) => {
  test("checks without a warning, its tests pass", async () => {
    const ended = await railfence(["check", folder, "--fail-level", "warning"]);
    expect(ended).toMatchObject({ code: 0, err: "" });
    expect(ended.out).toMatch(/[1-9]\d* tests? passed/);
  });

  test("stands in policies/README.md", () => {
    const name = folder.slice("policies/".length);
    expect(readFileSync("policies/README.md", "utf8")).toContain(
      `| [${name}](${name}/${name}.policy) |`,
    );
  });
});

const compiled = folders.filter((folder) => existsSync(`${folder}/inventory.json`));

test.each(compiled)("%s compiles for every node of its inventory", async (folder) => {
  const inventory = `${folder}/inventory.json`;
  const text = readFileSync(inventory, "utf8");
  const nodes = readInventory({ name: inventory, text }).inventory?.nodes ?? new Map();
  expect(nodes.size).toBeGreaterThan(0);
  for (const node of nodes.keys()) {
    const ended = await railfence(["compile", folder, "--inventory", inventory, "--node", node]);
    expect(ended).toMatchObject({ code: 0, err: "" });
    expect(ended.out).toContain(`# node ${node}, rail `);
  }
});
