/** Runs the checks over a golden folder: input.policy, what it uses, and inventory.json if there is one. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findNotOffloadable } from "../../src/compile/offloadable.js";
import { checkPolicy } from "../../src/policy/check.js";
import { checkInventory } from "../../src/policy/check-inventory.js";
import { loadPolicy } from "../../src/policy/load.js";
import { readInventory } from "../../src/policy/read-inventory.js";
import { runTests } from "../../src/policy/run-tests.js";
import { type Diagnostic, hasErrors } from "../../src/text/diagnostic.js";
import { checkBudgets } from "../../src/verify/cost/check-budgets.js";

/** No test may depend on the day it is run. */
export const today = "2026-11-23";

export async function diagnosticsOf(folder: string): Promise<readonly Diagnostic[]> {
  const loaded = await loadPolicy(["input.policy"], (path) =>
    readFileSync(join(folder, path), "utf8"),
  );
  const checked = checkPolicy(loaded.files, { today });
  const found = [...loaded.diagnostics, ...checked.diagnostics];
  if (checked.policy === undefined || hasErrors(loaded.diagnostics)) return found;
  found.push(...findNotOffloadable(checked.policy), ...runTests(checked.policy));
  const inventory = join(folder, "inventory.json");
  if (existsSync(inventory)) {
    const read = readInventory({ name: "inventory.json", text: readFileSync(inventory, "utf8") });
    found.push(...read.diagnostics);
    if (read.inventory !== undefined) {
      found.push(...checkInventory(checked.policy, read.inventory));
      if (!hasErrors(found)) found.push(...checkBudgets(checked.policy, read.inventory));
    }
  }
  return found;
}
