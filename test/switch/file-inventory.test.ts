/** An inventory from a file, as a user of the library loads it. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileInventory } from "../../src/index.js";
import { sampleInventory, sampleNode } from "../support/sample.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "railfence-inventory-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("is read, and called by its path", async () => {
  const source = fileInventory(sampleInventory);
  const { inventory, diagnostics } = await source.load();
  expect(source.name).toBe(sampleInventory);
  expect(diagnostics).toEqual([]);
  expect([...(inventory?.nodes.keys() ?? [])]).toContain(sampleNode);
});

test("what it says wrongly is a diagnostic at its place in that file", async () => {
  const file = join(folder, "inventory.json");
  writeFileSync(file, '{ "version": 1,');
  const { inventory, diagnostics } = await fileInventory(file).load();
  expect(inventory).toBeUndefined();
  expect(diagnostics).toMatchObject([{ code: "inventory-json", span: { source: { name: file } } }]);
});

test("a file that is not there rejects with what the system says", async () => {
  const { load } = fileInventory(join(folder, "nowhere.json"));
  await expect(load()).rejects.toMatchObject({ code: "ENOENT" });
});
