/** Where an inventory comes from: a file, a node's OVSDB, a cluster. The compiler never asks which. */

import type { InventoryReading } from "./read-inventory.js";

export interface InventorySource {
  /** As the user would say it: a path, or what was asked. */
  readonly name: string;
  /** Rejects where the source cannot be reached; what it says wrongly is in the diagnostics. */
  load(): Promise<InventoryReading>;
}
