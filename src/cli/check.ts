/** `railfence check`: is the policy right, and does the inventory fit it? */

import { type Command, Option } from "commander";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import { diagnosticJson } from "../report/diagnostic-json.js";
import type { Diagnostic } from "../text/diagnostic.js";
import type { CheckDocument } from "./documents.js";
import { type ExitCode, exitCode } from "./exit-code.js";
import { type CheckedInput, checkInput, isError } from "./input.js";
import { type PolicyOptions, takesFormat, takesPolicy } from "./options.js";
import { counted, printDiagnostics } from "./print-diagnostics.js";
import { type Progress, startProgress } from "./progress.js";
import type { Terminal } from "./terminal.js";

const example = `
Example:
  $ railfence check policies/acp
  $ railfence check policies/acp --inventory policies/acp/inventory.json --fail-level warning
  $ railfence check policies/acp --today 2031-04-01 --format json

Reads the files, follows their \`use\`, resolves every name and runs every \`test\`. With an inventory, each
\`budget\` and each test of cost is held against what the nodes' traffic will need.
Exit code 0: nothing at or above the fail level. 2: something is.`;

interface Options extends PolicyOptions {
  readonly inventory?: string;
  readonly failLevel: "error" | "warning";
  readonly format: "pretty" | "json";
}

export function describeCheck(
  command: Command,
  terminal: Terminal,
  end: (code: ExitCode) => void,
): void {
  command.description("Checks policies, runs their tests, and checks the inventory against them.");
  takesFormat(takesPolicy(command), ["pretty", "json"])
    .option("--inventory <file>", "check this inventory too")
    .addOption(
      new Option("--fail-level <level>", "what makes the exit code 2")
        .choices(["error", "warning"])
        .default("error"),
    )
    .addHelpText("after", example)
    .action(async (paths: string[], options: Options) =>
      end(await check(paths, options, terminal)),
    );
}

async function check(paths: string[], options: Options, terminal: Terminal): Promise<ExitCode> {
  const progress = startProgress(terminal);
  const today = options.today ?? terminal.today();
  const input = await checkInput(paths, { ...options, today }, progress)
    .then((found) => withBudgets(found, progress))
    .finally(progress.end);
  const fails =
    options.failLevel === "warning"
      ? input.diagnostics.length > 0
      : input.diagnostics.some(isError);
  if (options.format === "json") terminal.out(json(input, fails));
  else {
    printDiagnostics(input.diagnostics, terminal);
    if (!input.diagnostics.some(isError)) terminal.out(`${summaryOf(input)}\n`);
  }
  return fails ? exitCode.rejected : exitCode.asIntended;
}

/** What traffic costs is asked only of what is right, and only where the policy sets a limit. */
async function withBudgets(input: CheckedInput, progress: Progress): Promise<CheckedInput> {
  const { policy, inventory, diagnostics } = input;
  if (policy === undefined || inventory === undefined || diagnostics.some(isError)) return input;
  const isLimited =
    policy.budgets.length > 0 ||
    policy.tests.some(({ expectations }) => expectations.some(({ kind }) => kind === "cost"));
  if (!isLimited) return input;
  progress.step("counting megaflows");
  // only who sets a limit waits for the compiler and the model to load
  const { checkBudgets } = await import("../verify/cost/check-budgets.js");
  return { ...input, diagnostics: [...diagnostics, ...checkBudgets(policy, inventory)] };
}

/** Only a policy without errors has rules to count and tests that passed. */
function summaryOf({ files, policy, inventory }: CheckedInput): string {
  const tests = policy?.tests ?? [];
  // what a node costs is known with its endpoints only
  const open = inventory === undefined ? tests.filter(asksForCost).length : 0;
  const budgets = inventory === undefined ? (policy?.budgets.length ?? 0) : 0;
  const parts = [
    counted(sentencesIn(files), "sentence"),
    counted(policy?.rules.length ?? 0, "rule"),
    `${counted(tests.length - open, "test")} passed`,
  ];
  if (inventory !== undefined) parts.push(counted(inventory.endpoints.length, "endpoint"));
  if (open + budgets > 0) {
    const left = [open > 0 && counted(open, "test"), budgets > 0 && counted(budgets, "budget")];
    parts.push(`${left.filter(Boolean).join(" and ")} not checked: cost needs \`--inventory\``);
  }
  return parts.join(", ");
}

function asksForCost({ expectations }: CheckedPolicy["tests"][number]): boolean {
  return expectations.some(({ kind }) => kind === "cost");
}

function sentencesIn(files: CheckedInput["files"]): number {
  return files.reduce((count, { sentences }) => count + sentences.length, 0);
}

function json(input: CheckedInput, fails: boolean): string {
  const { files, policy, inventory, diagnostics } = input;
  const failing = diagnostics.filter(({ code }: Diagnostic) => code === "failing-test").length;
  const document: CheckDocument = {
    version: 1,
    accepted: !fails,
    files: files.map(({ source }) => source.name),
    sentences: sentencesIn(files),
    rules: policy?.rules.length ?? null,
    tests: policy?.tests.length ?? null,
    failedExpectations: failing,
    endpoints: inventory?.endpoints.length ?? null,
    diagnostics: diagnostics.map((one) => {
      const { labels, ...rest } = diagnosticJson(one);
      return { ...rest, labels: [...labels] };
    }),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
