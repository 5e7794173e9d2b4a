/** `railfence diff`: what a change of policy means. */

import type { Command } from "commander";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import { isSameReach } from "../policy/reachability/compare-policies.js";
import { TooManyKinds } from "../policy/reachability/pod-atoms.js";
import {
  comparePolicies,
  type PolicyDifference,
} from "../policy/reachability/policy-difference.js";
import { printDifferenceMarkdown } from "../report/difference-markdown.js";
import { printDifference } from "../report/difference-text.js";
import type { RailChange } from "../verify/cost/rail-change.js";
import { type FlowOptions, flowDifferences } from "./diff-flows.js";
import { type ExitCode, exitCode } from "./exit-code.js";
import { Failure, Rejected } from "./failure.js";
import { checkInput, isError } from "./input.js";
import { type PolicyOptions, takesFormat, takesToday } from "./options.js";
import { printDiagnostics } from "./print-diagnostics.js";
import { startProgress } from "./progress.js";
import type { Terminal } from "./terminal.js";

const example = `
Example:
  $ railfence diff old/acp.policy new/acp.policy
  $ railfence diff main/policies policies --format markdown
  $ railfence diff main/policies policies --inventory fleet.json --node gpu-001
  $ railfence diff main/policies policies --today 2031-04-01 --format json

The policies are compared by what they mean, as of today and of every later day on which a rule ends:
names, order and wording do not matter. What is gained is said in the names of NEW, what is lost in those of OLD.
Tests are not run: \`railfence check\` does that. With --inventory, flows are counted, and the megaflows
and masks that legitimate traffic makes before and after; JSON has all flows.
Exit code 0: both allow the same. 3: they do not.`;

interface Options extends PolicyOptions, FlowOptions {
  readonly format: "pretty" | "markdown" | "json";
}

export function describeDiff(
  command: Command,
  terminal: Terminal,
  end: (code: ExitCode) => void,
): void {
  command
    .description("Compares two policies by meaning: who may talk to whom now, and no longer.")
    .argument("<old>", "a policy file, or a folder of them")
    .argument("<new>", "the same after the change");
  takesFormat(takesToday(command), ["pretty", "markdown", "json"])
    .option("--inventory <file>", "show what becomes of the flows and the cost of its nodes too")
    .option("--node <name>", "only this node of the inventory")
    .option("--rail <name>", "only this rail of the inventory")
    .addHelpText("after", example)
    .action(async (old: string, young: string, options: Options) =>
      end(await diff({ old, new: young }, options, terminal)),
    );
}

async function diff(
  paths: { readonly old: string; readonly new: string },
  options: Options,
  terminal: Terminal,
): Promise<ExitCode> {
  const progress = startProgress(terminal);
  const today = options.today ?? terminal.today();
  const read = (path: string) => checkInput([path], { today, runsTests: false }, progress);
  const old = await read(paths.old).finally(progress.end);
  const young = await read(paths.new).finally(progress.end);
  // what the old policy only warns of is nothing to review
  const diagnostics = [...old.diagnostics.filter(isError), ...young.diagnostics];
  printDiagnostics(diagnostics, terminal);
  const isRejected = diagnostics.some((one) => isError(one) && one.code !== "expired-rule");
  if (isRejected || old.policy === undefined || young.policy === undefined) throw new Rejected();
  const difference = compared(old.policy, young.policy);
  const flows = await flowDifferences(difference, options, terminal);
  terminal.out(await printed(difference, flows, options.format, terminal));
  return isSameReach(difference.reach) ? exitCode.asIntended : exitCode.differs;
}

async function printed(
  difference: PolicyDifference,
  flows: readonly RailChange[] | undefined,
  format: Options["format"],
  terminal: Terminal,
): Promise<string> {
  switch (format) {
    case "pretty":
      return printDifference(difference, flows, { colour: terminal.colour.out });
    case "markdown":
      return printDifferenceMarkdown(difference, flows);
    case "json": {
      // only who wants JSON waits for zod to load
      const { printDifferenceJson } = await import("../report/difference-json.js");
      return printDifferenceJson(difference, flows);
    }
  }
}

function compared(old: CheckedPolicy, young: CheckedPolicy): PolicyDifference {
  try {
    return comparePolicies(old, young);
  } catch (error) {
    if (!(error instanceof TooManyKinds)) throw error;
    throw new Failure(error.message, {
      exitCode: exitCode.couldNot,
      help: "use fewer globs for the namespaces of a tenant: each of them doubles the kinds there are",
      cause: error,
    });
  }
}
