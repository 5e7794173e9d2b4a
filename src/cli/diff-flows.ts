/** What a change of policy does to the flows of nodes, and to what their traffic costs. */

import { checkInventory } from "../policy/check-inventory.js";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import type { Inventory } from "../policy/inventory.js";
import type { Diagnostic } from "../text/diagnostic.js";
import { closestName } from "../text/edit-distance.js";
import { type RailChange, railChangeOf } from "../verify/cost/rail-change.js";
import { railModelOf } from "../verify/cost/rail-model.js";
import { badArgument, Rejected } from "./failure.js";
import { inventoryFrom, isError } from "./input.js";
import { printDiagnostics } from "./print-diagnostics.js";
import { startProgress } from "./progress.js";
import type { Terminal } from "./terminal.js";

export interface FlowOptions {
  readonly inventory?: string;
  readonly node?: string;
  readonly rail?: string;
}

/** Undefined without an inventory. Rails without any change are among them. */
export async function flowDifferences(
  policies: { readonly old: CheckedPolicy; readonly new: CheckedPolicy },
  options: FlowOptions,
  terminal: Terminal,
): Promise<RailChange[] | undefined> {
  if (options.inventory === undefined) {
    if ((options.node ?? options.rail) === undefined) return undefined;
    throw badArgument("`--node` and `--rail` need an inventory", "give `--inventory FILE`");
  }
  const progress = startProgress(terminal);
  const read = await inventoryFrom(options.inventory, progress).finally(progress.end);
  const { inventory } = read;
  refuse(read.diagnostics, terminal);
  if (inventory === undefined) throw new Rejected();
  const places = placesOf(inventory, options);
  const nodes = new Set(places.map(({ node }) => node));
  // the old policy's warnings of the inventory are the new one's, or over
  const diagnostics = [...nodes].flatMap((node) => checkInventory(policies.new, inventory, node));
  const before = checkInventory(policies.old, inventory).filter(isError);
  refuse(withoutRepeats([...before, ...diagnostics]), terminal);
  const differences = places.map((place) => {
    progress.step(`compiling rail ${place.rail} of node ${place.node}`);
    const old = railModelOf(policies.old, inventory, place);
    const young = railModelOf(policies.new, inventory, place);
    refuse([...old.compiled.diagnostics, ...young.compiled.diagnostics].filter(isError), terminal);
    return railChangeOf(old, young);
  });
  progress.end();
  return differences;
}

function placesOf(
  inventory: Inventory,
  { node, rail }: FlowOptions,
): { readonly node: string; readonly rail: string }[] {
  if (node !== undefined && !inventory.nodes.has(node))
    throw unknown("node", node, inventory.nodes.keys());
  if (rail !== undefined && !inventory.rails.has(rail))
    throw unknown("rail", rail, inventory.rails.keys());
  return [...inventory.nodes]
    .filter(([name]) => node === undefined || name === node)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, { rails }]) =>
      [...rails.keys()]
        .filter((each) => rail === undefined || each === rail)
        .sort()
        .map((each) => ({ node: name, rail: each })),
    );
}

function unknown(what: string, name: string, names: Iterable<string>) {
  const meant = closestName(name, names);
  return badArgument(
    `\`${name}\` is no ${what} in the inventory`,
    meant === undefined ? undefined : `did you mean \`${meant}\`?`,
  );
}

function refuse(diagnostics: readonly Diagnostic[], terminal: Terminal): void {
  printDiagnostics(diagnostics, terminal);
  if (diagnostics.some(isError)) throw new Rejected();
}

/** Each node is checked by itself, and says again what is wrong with all. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const keyOf = ({ span, ...rest }: Diagnostic) =>
    JSON.stringify([span.start, span.end, rest.code]);
  return [...new Map(diagnostics.map((one) => [keyOf(one), one])).values()];
}
