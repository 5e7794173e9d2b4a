/** Policies and inventories from their texts, for tests that are about something else: a mistake in them throws. */

import { checkPolicy } from "../../src/policy/check.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import type { Inventory } from "../../src/policy/inventory.js";
import { readInventory } from "../../src/policy/read-inventory.js";
import { parsePolicy } from "../../src/syntax/parse.js";

export function policyOf(text: string): CheckedPolicy {
  const { tree, diagnostics } = parsePolicy({ name: "test.policy", text });
  const checked = checkPolicy([tree], { today: "2026-08-01" });
  if (checked.policy === undefined || diagnostics.length > 0)
    throw new Error(
      JSON.stringify([diagnostics, checked.diagnostics].flat().map(({ code }) => code)),
    );
  return checked.policy;
}

export function inventoryOf(json: unknown): Inventory {
  const text = typeof json === "string" ? json : JSON.stringify(json);
  const { inventory, diagnostics } = readInventory({ name: "inventory.json", text });
  if (inventory === undefined) throw new Error(JSON.stringify(diagnostics.map(({ code }) => code)));
  return inventory;
}
