/** The input of a command: policies and inventory, read and checked, with everything that is wrong with them. */

import { readFile, stat } from "node:fs/promises";
import { findNotOffloadable } from "../compile/offloadable.js";
import { checkPolicy } from "../policy/check.js";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import type { Inventory } from "../policy/inventory.js";
import { loadPolicy } from "../policy/load.js";
import type { InventoryReading } from "../policy/read-inventory.js";
import { runTests } from "../policy/run-tests.js";
import type { PolicyTree } from "../syntax/tree.js";
import { type Diagnostic, severityOf } from "../text/diagnostic.js";
import { Rejected } from "./failure.js";
import { fileIdentity, orFail, policyFiles } from "./files.js";
import { printDiagnostics } from "./print-diagnostics.js";
import { type Progress, startProgress } from "./progress.js";
import type { Terminal } from "./terminal.js";

export interface CheckedInput {
  readonly files: readonly PolicyTree[];
  /** Absent if the policy has errors, a rule past its `until` aside. */
  readonly policy?: CheckedPolicy;
  readonly inventory?: Inventory;
  readonly diagnostics: readonly Diagnostic[];
}

export interface InputOptions {
  readonly today: string;
  readonly inventory?: string;
  /** What this node's endpoints lack for being compiled is an error too. */
  readonly node?: string;
  /** False: the policy's tests are left to `check`. */
  readonly runsTests?: boolean;
}

/** Above this, a step is sure to be felt: about what is parsed in a second. */
const largeBytes = 400_000;

export async function checkInput(
  paths: readonly string[],
  options: InputOptions,
  progress: Progress,
): Promise<CheckedInput> {
  const names = await policyFiles(paths);
  const sizes = await Promise.all(names.map(async (name) => (await orFail(name, stat(name))).size));
  progress.step(`reading ${names.length} policy files`, sum(sizes) > largeBytes);
  const named = new Set(names);
  const { files, diagnostics } = await loadPolicy(
    names,
    (path) =>
      // what a policy `use`s is the author's to get right, what the command line names is its user's
      named.has(path) ? orFail(path, readFile(path, "utf8")) : readFile(path, "utf8"),
    fileIdentity,
  );
  progress.step("checking the policy", sum(sizes) > largeBytes);
  const checked = checkPolicy(files, { today: options.today });
  const all = [...diagnostics, ...checked.diagnostics];
  // a policy that was not read to its end would only make more of the same mistakes
  const policy = diagnostics.some(isError) ? undefined : checked.policy;
  if (policy !== undefined) {
    all.push(...findNotOffloadable(policy));
    if (options.runsTests !== false) {
      progress.step("running the policy's tests");
      all.push(...runTests(policy));
    }
  }
  const inventory = await withInventory(policy, options, progress, all);
  return {
    files,
    ...(policy === undefined ? {} : { policy }),
    ...(inventory === undefined ? {} : { inventory }),
    diagnostics: all,
  };
}

async function withInventory(
  policy: CheckedPolicy | undefined,
  options: InputOptions,
  progress: Progress,
  diagnostics: Diagnostic[],
): Promise<Inventory | undefined> {
  if (options.inventory === undefined) return undefined;
  const { checkInventory } = await import("../policy/check-inventory.js");
  const read = await inventoryFrom(options.inventory, progress);
  diagnostics.push(...read.diagnostics);
  if (policy !== undefined && read.inventory !== undefined)
    diagnostics.push(...checkInventory(policy, read.inventory, options.node));
  return read.inventory;
}

export async function inventoryFrom(file: string, progress: Progress): Promise<InventoryReading> {
  // only who has an inventory waits for zod to load
  const { fileInventory } = await import("../switch/file-inventory.js");
  const { size } = await orFail(file, stat(file));
  progress.step("reading the inventory", size > 20 * largeBytes);
  return orFail(file, fileInventory(file).load());
}

/** Rails, nodes and bridges alone: what is wrong besides is told, and stops nobody who only has to find a bridge. */
export async function inventoryForBridges(file: string, terminal: Terminal): Promise<Inventory> {
  const progress = startProgress(terminal);
  const read = await inventoryFrom(file, progress).finally(progress.end);
  printDiagnostics(read.diagnostics, terminal);
  const inventory = read.inventory ?? read.despiteErrors;
  if (inventory === undefined) throw new Rejected();
  return inventory;
}

/** What every other command but `check` needs: an input without errors, or its end. Time alone rejects nothing. */
export async function acceptedInput(
  paths: readonly string[],
  options: Partial<InputOptions> & { readonly inventory: string },
  terminal: Terminal,
): Promise<{ readonly policy: CheckedPolicy; readonly inventory: Inventory }> {
  const progress = startProgress(terminal);
  try {
    const today = options.today ?? terminal.today();
    const input = await checkInput(paths, { ...options, today }, progress);
    const { policy, inventory, diagnostics } = input;
    printDiagnostics(diagnostics, terminal);
    const isRejected = diagnostics.some((one) => isError(one) && !isTimeAlone(one, input.files));
    if (isRejected || policy === undefined || inventory === undefined) throw new Rejected();
    if (diagnostics.some(isError)) terminal.err("going on without the rules that have ended\n");
    return { policy, inventory };
  } finally {
    progress.end();
  }
}

/**
 * A rule that has ended, or a test that failed when it did. `check` refuses both; but the day after its `until` a rule
 * must not keep the rest of the policy from a node.
 */
function isTimeAlone(diagnostic: Diagnostic, files: readonly PolicyTree[]): boolean {
  if (diagnostic.code === "expired-rule") return true;
  if (diagnostic.code !== "failing-test") return false;
  const { policy } = checkPolicy(files, { today: beforeAnyEnd });
  const failures = policy === undefined ? [diagnostic] : runTests(policy);
  return !failures.some(
    ({ span }) => span.source === diagnostic.span.source && span.start === diagnostic.span.start,
  );
}

const beforeAnyEnd = "0001-01-01";

export function isError(diagnostic: Diagnostic): boolean {
  return severityOf(diagnostic) === "error";
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
