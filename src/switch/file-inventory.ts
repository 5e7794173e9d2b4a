/** The inventory from a file. */

import { readFile } from "node:fs/promises";
import type { InventorySource } from "../policy/inventory-source.js";
import { readInventory } from "../policy/read-inventory.js";

/** `load` rejects with Node's own error (`ENOENT`, `EACCES`, …) where the file cannot be read. */
export function fileInventory(path: string): InventorySource {
  return {
    name: path,
    load: async () => readInventory({ name: path, text: await readFile(path, "utf8") }),
  };
}
