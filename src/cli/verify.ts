/** `railfence verify`: what became of each rule, live or from a saved dump. */

import type { Command } from "commander";
import { readMegaflows } from "../datapath/read-megaflows.js";
import { printVerdictJson } from "../report/verdict-json.js";
import { printVerdictJunit } from "../report/verdict-junit.js";
import { printVerdicts, type Tone } from "../report/verdict-text.js";
import { observe } from "../switch/observe.js";
import type { Source } from "../text/source.js";
import { exitCodeOf } from "../verify/exit-decision.js";
import type { RailVerdict } from "../verify/verdict.js";
import { verifyRail } from "../verify/verify-rail.js";
import type { ExitCode } from "./exit-code.js";
import { badArgument } from "./failure.js";
import { readSourceOrInput } from "./files.js";
import { compileNode, type NodeInput, openVswitchOf } from "./node-input.js";
import {
  type CompileOptions,
  type SwitchOptions,
  takesFormat,
  takesNode,
  takesSwitch,
  takesTableBase,
} from "./options.js";
import { startProgress } from "./progress.js";
import type { Terminal } from "./terminal.js";

const example = `
Example:
  $ railfence verify policies/acp --inventory policies/acp/inventory.json --node gpu-001
  $ ovs-appctl dpctl/dump-flows -m > dump.txt
  $ railfence verify policies/acp --inventory policies/acp/inventory.json --node gpu-001 --dump dump.txt

States of a rule, from best to worst: offloaded, partial, software-tc (the NIC refused it), software-ovs;
idle means that no traffic was seen, which says nothing about offload. A leak, a blackhole or a stale
megaflow is a finding. Everything is read, nothing is changed.
Exit code 0: as intended. 3: a finding, or a rule's traffic is not in hardware.`;

interface Options extends CompileOptions, SwitchOptions {
  readonly dump?: string;
  readonly format: "pretty" | "json" | "junit";
}

export function describeVerify(
  command: Command,
  terminal: Terminal,
  end: (code: ExitCode) => void,
): void {
  command.description("Says for each rule what became of it in the datapath, and why.");
  takesFormat(takesSwitch(takesTableBase(takesNode(command))), ["pretty", "json", "junit"])
    .option(
      "--dump <file>",
      "a saved `ovs-appctl dpctl/dump-flows -m` instead of a switch; `-` is stdin",
    )
    .addHelpText("after", example)
    .action(async (paths: string[], options: Options) =>
      end(await verify(paths, options, terminal)),
    );
}

async function verify(paths: string[], options: Options, terminal: Terminal): Promise<ExitCode> {
  if (options.dump !== undefined && (options.ovs ?? options.bridgeTarget) !== undefined)
    throw badArgument("`--dump` reads a file, `--ovs` and `--bridge-target` a switch", "give one");
  const input = await compileNode(paths, options, terminal);
  const verdicts =
    options.dump === undefined
      ? await fromSwitch(input, options, terminal)
      : fromDump(input, await readSourceOrInput(options.dump, terminal));
  terminal.out(print(verdicts, options.format, terminal));
  return exitCodeOf(verdicts);
}

function fromDump({ policy, inventory, rails }: NodeInput, source: Source): RailVerdict[] {
  const { megaflows, problems } = readMegaflows(source);
  const unreadable = problems.map((problem) => ({ ...problem, source }));
  return rails.map((compiled) =>
    verifyRail({ policy, inventory, compiled, megaflows, unreadable }),
  );
}

async function fromSwitch(
  input: NodeInput,
  options: Options,
  terminal: Terminal,
): Promise<RailVerdict[]> {
  const names = input.rails.map(({ rail }) => rail);
  const ovs = openVswitchOf(options, names, terminal);
  const progress = startProgress(terminal);
  progress.step("reading the switch");
  const observations = await observe(ovs, input.rails).finally(progress.end);
  const { policy, inventory } = input;
  return input.rails.map((compiled, index) => {
    const observation = observations[index];
    if (observation === undefined) throw new Error(`rail ${compiled.rail} was not observed`);
    return verifyRail({ policy, inventory, compiled, ...observation });
  });
}

function print(
  verdicts: readonly RailVerdict[],
  format: Options["format"],
  terminal: Terminal,
): string {
  if (format === "json") return printVerdictJson(verdicts);
  if (format === "junit") return printVerdictJunit(verdicts);
  return printVerdicts(verdicts, terminal.colour.out ? { paint } : {});
}

const escapes: Record<Tone, number> = { good: 32, bad: 31, quiet: 2 };

function paint(word: string, tone: Tone): string {
  return `\u001b[${escapes[tone]}m${word}\u001b[0m`;
}
