/** The inventory from a file. */

import type { InventorySource } from "../policy/inventory-source.js";
import { readInventory } from "../policy/read-inventory.js";
import { readSource } from "./files.js";

/** `load` rejects with a Failure where the file cannot be read. */
export function fileInventory(path: string): InventorySource {
  return { name: path, load: async () => readInventory(await readSource(path)) };
}
