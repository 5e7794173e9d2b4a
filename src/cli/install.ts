/** `railfence install`: brings a node's bridges to the policy. */

import { type InstallReport, install } from "../switch/install.js";
import type { Describe } from "./commands.js";
import type { InstallDocument } from "./documents.js";
import { type ExitCode, exitCode } from "./exit-code.js";
import { compileForSwitch } from "./node-input.js";
import { type RailsOptions, takesRails } from "./options.js";
import { printSwitchWarning } from "./print-switch-warning.js";
import { startProgress } from "./progress.js";
import type { Terminal } from "./terminal.js";

const example = `
Example:
  $ railfence install policies/acp --inventory policies/acp/inventory.json --node gpu-001
  $ railfence install policies/acp --inventory policies/acp/inventory.json --node gpu-001 --rail pf1 \\
      --bridge-target ssl:192.0.2.7:6653 --private-key key.pem --certificate cert.pem --ca-cert ca.pem

Each bridge changes in one OpenFlow bundle: all of it or nothing, and no packet sees half of it. What was
sent is read back and compared. A second run sends nothing. Flows of others are never touched.
Exit code 0: every bridge holds the flows. 1: one does not, and is as it was. 2: policy, inventory or arguments are wrong.`;

type Options = RailsOptions<"pretty" | "json">;

export const describeInstall: Describe = (command, terminal, end) => {
  takesRails(command, ["pretty", "json"], example)
    .description("Brings a node's bridges to exactly the flows of the policy.")
    .action(async (paths: string[], options: Options) => end(await run(paths, options, terminal)));
};

async function run(paths: string[], options: Options, terminal: Terminal): Promise<ExitCode> {
  const { rails, ovs } = await compileForSwitch(paths, options, terminal);
  const reports: { readonly rail: string; readonly report: InstallReport }[] = [];
  for (const rail of rails) {
    const progress = startProgress(terminal);
    progress.step(`installing ${rail.flows.length} flows on bridge ${rail.ports.bridge}`);
    const report = await install(ovs, rail, { onWait: sayWaiting(terminal) }).finally(progress.end);
    reports.push({ rail: rail.rail, report });
    for (const warning of report.warnings) terminal.err(printSwitchWarning(warning));
    // said at once: should the next rail fail, this one is done
    if (options.format === "pretty") terminal.out(`${rail.rail}: ${printReport(report)}\n`);
  }
  if (options.format === "json") terminal.out(printReports(reports));
  return exitCode.asIntended;
}

export function sayWaiting(terminal: Terminal): (holder: number) => void {
  return (holder) => terminal.err(`waiting for another railfence (process ${holder}) ...\n`);
}

export function printReport({ plan, sent, flows }: InstallReport): string {
  const now = `bridge ${plan.bridge} has ${flows} flows of railfence`;
  if (!sent) return `${now}: nothing to do`;
  const { adds, changes, deletes, unchanged } = plan;
  return `${now}: ${adds.length} added, ${changes.length} changed, ${deletes.length} deleted, ${unchanged} unchanged`;
}

export function printReports(
  reports: readonly { readonly rail: string; readonly report: InstallReport }[],
): string {
  const rails: InstallDocument["rails"] = reports.map(
    ({ rail, report: { plan, sent, flows, warnings } }) => ({
      rail,
      bridge: plan.bridge,
      sent,
      flows,
      added: plan.adds.length,
      changed: plan.changes.length,
      deleted: plan.deletes.length,
      unchanged: plan.unchanged,
      foreign: plan.foreign.length,
      warnings: [...warnings],
    }),
  );
  return `${JSON.stringify({ version: 1, rails }, undefined, 2)}\n`;
}
