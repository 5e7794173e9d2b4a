/** `railfence uninstall`: takes railfence's flows off a node's bridges. */

import type { Command } from "commander";
import { type InstallReport, uninstall } from "../switch/install.js";
import { type ExitCode, exitCode } from "./exit-code.js";
import { inventoryForBridges } from "./input.js";
import { printReport, printReports, sayWaiting } from "./install.js";
import { openVswitchOf, railsOf } from "./node-input.js";
import {
  type NodeOptions,
  type SwitchOptions,
  takesFormat,
  takesNode,
  takesSwitch,
} from "./options.js";
import type { Terminal } from "./terminal.js";

const example = `
Example:
  $ railfence uninstall --inventory policies/acp/inventory.json --node gpu-001

Deletes every flow that carries railfence's cookie, whatever policy it came from, and no other flow. Of the
inventory it needs the names of the node's bridges; a mistake elsewhere in it, or in the policy, is no hindrance.
A bridge with fail_mode=secure then forwards nothing.
Exit code 0: none of railfence's flows is left. 1: a bridge could not be changed. 2: inventory or arguments are wrong.`;

interface Options extends NodeOptions, SwitchOptions {
  readonly format: "pretty" | "json";
}

export function describeUninstall(
  command: Command,
  terminal: Terminal,
  end: (code: ExitCode) => void,
): void {
  command.description("Removes railfence's flows from a node's bridges, and no others.");
  takesFormat(takesSwitch(takesNode(command)), ["pretty", "json"])
    .argument("[path...]", "the policy, as install takes it: it is not read")
    .addHelpText("after", example)
    .action(async (_: string[], options: Options) => end(await run(options, terminal)));
}

async function run(options: Options, terminal: Terminal): Promise<ExitCode> {
  const inventory = await inventoryForBridges(options.inventory, terminal);
  const rails = railsOf(inventory, options);
  const ovs = openVswitchOf(options, rails, terminal);
  const reports: { readonly rail: string; readonly report: InstallReport }[] = [];
  for (const rail of rails) {
    const bridge = inventory.nodes.get(options.node)?.rails.get(rail)?.bridge ?? "";
    const report = await uninstall(ovs, bridge, { onWait: sayWaiting(terminal) });
    reports.push({ rail, report });
    if (options.format === "pretty") terminal.out(`${rail}: ${printReport(report)}\n`);
  }
  if (options.format === "json") terminal.out(printReports(reports));
  return exitCode.asIntended;
}
