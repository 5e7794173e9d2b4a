/** Compiles a rail from policy and inventory text: the value that verify and its tests begin with. */

import { readFileSync } from "node:fs";
import { compileRail } from "../../src/compile/compile-rail.js";
import type { CompiledRail } from "../../src/compile/compiled-rail.js";
import { checkPolicy } from "../../src/policy/check.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import type { Inventory } from "../../src/policy/inventory.js";
import { loadPolicy } from "../../src/policy/load.js";
import { readInventory } from "../../src/policy/read-inventory.js";
import { parsePolicy } from "../../src/syntax/parse.js";
import type { PolicyTree } from "../../src/syntax/tree.js";

export const testToday = "2026-01-01";

export interface SampleRail {
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly compiled: CompiledRail;
}

/** Throws where the text is not accepted: a test that needs it has nothing to test then. */
export async function sampleRail(
  policyPath: string,
  inventoryPath: string,
  node: string,
  rail: string,
): Promise<SampleRail> {
  const { files } = await loadPolicy([policyPath], (path) => readFileSync(path, "utf8"));
  return railOf(files, readFileSync(inventoryPath, "utf8"), node, rail);
}

/** The same from one file's text. */
export function railOfText(
  policy: string,
  inventory: string,
  node: string,
  rail: string,
): SampleRail {
  const { tree } = parsePolicy({ name: "test.policy", text: policy });
  return railOf([tree], inventory, node, rail);
}

function railOf(
  files: readonly PolicyTree[],
  inventoryText: string,
  node: string,
  rail: string,
): SampleRail {
  const { policy, diagnostics } = checkPolicy(files, { today: testToday });
  const { inventory } = readInventory({ name: "inventory.json", text: inventoryText });
  if (policy === undefined || inventory === undefined)
    throw new Error(`not accepted: ${JSON.stringify(diagnostics.map(({ code }) => code))}`);
  return { policy, inventory, compiled: compileRail(policy, inventory, { node, rail }) };
}
