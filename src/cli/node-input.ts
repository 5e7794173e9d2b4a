/** The compiled rails of the node that a command is about. */

import { compileRail } from "../compile/compile-rail.js";
import type { CompiledRail } from "../compile/compiled-rail.js";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import type { Inventory } from "../policy/inventory.js";
import { OpenVswitch, systemRunDirectory } from "../switch/open-vswitch.js";
import { closestName } from "../text/edit-distance.js";
import { badArgument, Rejected } from "./failure.js";
import { acceptedInput, isError } from "./input.js";
import {
  type CompileOptions,
  checkTarget,
  type NodeOptions,
  type SwitchOptions,
  sslFilesOf,
} from "./options.js";
import { printDiagnostics } from "./print-diagnostics.js";
import { startProgress } from "./progress.js";
import type { Terminal } from "./terminal.js";

export interface NodeInput {
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly rails: readonly CompiledRail[];
}

export async function compileNode(
  paths: readonly string[],
  options: CompileOptions,
  terminal: Terminal,
): Promise<NodeInput> {
  const { policy, inventory } = await acceptedInput(paths, options, terminal);
  const names = railsOf(inventory, options);
  const progress = startProgress(terminal);
  const rails = names.map((rail) => {
    progress.step(`compiling rail ${rail}`);
    return compiled(policy, inventory, rail, options);
  });
  progress.end();
  const diagnostics = rails.flatMap((rail) => rail.diagnostics);
  printDiagnostics(diagnostics, terminal);
  if (diagnostics.some(isError)) throw new Rejected();
  return { policy, inventory, rails };
}

/** The same, and the switch that the rails are for. */
export async function compileForSwitch(
  paths: readonly string[],
  options: CompileOptions & SwitchOptions,
  terminal: Terminal,
): Promise<NodeInput & { readonly ovs: OpenVswitch }> {
  const input = await compileNode(paths, options, terminal);
  const names = input.rails.map(({ rail }) => rail);
  return { ...input, ovs: openVswitchOf(options, names, terminal) };
}

function compiled(
  policy: CheckedPolicy,
  inventory: Inventory,
  rail: string,
  { node, tableBase }: CompileOptions,
): CompiledRail {
  try {
    return compileRail(policy, inventory, {
      node,
      rail,
      ...(tableBase === undefined ? {} : { tableBase }),
    });
  } catch (error) {
    if (!(error instanceof RangeError) || tableBase === undefined) throw error;
    throw badArgument(`\`--table-base ${tableBase}\` is too high: ${error.message}`);
  }
}

/** Rails of the node by name, or the one that is asked for. */
export function railsOf(inventory: Inventory, { node, rail }: NodeOptions): string[] {
  const found = inventory.nodes.get(node);
  if (found === undefined) throw unknown("node", node, inventory.nodes.keys());
  if (rail === undefined) return [...found.rails.keys()].sort();
  if (!found.rails.has(rail)) throw unknown(`rail of node \`${node}\``, rail, found.rails.keys());
  return [rail];
}

export function openVswitchOf(
  options: SwitchOptions,
  rails: readonly string[],
  terminal: Terminal,
): OpenVswitch {
  checkTarget(options, rails);
  return new OpenVswitch({
    runDirectory: options.ovs ?? terminal.environment["OVS_RUNDIR"] ?? systemRunDirectory,
    bridgeTarget: options.bridgeTarget,
    ssl: sslFilesOf(options),
  });
}

function unknown(what: string, name: string, names: Iterable<string>) {
  const known = [...names].sort();
  const meant = closestName(name, known);
  const few = known.slice(0, 8).map((one) => `\`${one}\``);
  const rest = known.length > few.length ? ` and ${known.length - few.length} more` : "";
  return badArgument(
    `\`${name}\` is no ${what} in the inventory`,
    meant === undefined ? `there are ${few.join(", ")}${rest}` : `did you mean \`${meant}\`?`,
  );
}
