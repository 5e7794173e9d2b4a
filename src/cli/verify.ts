/** `railfence verify`: what became of each rule, live or from a saved dump. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { printVerdictJson } from "../report/verdict-json.js";
import { printVerdictJunit } from "../report/verdict-junit.js";
import { printVerdicts, type Tone } from "../report/verdict-text.js";
import { record } from "../switch/record.js";
import { loadRecording, saveRecording } from "../switch/recording-folder.js";
import { readRecording, recordingOfDump } from "../verify/evidence/read-recording.js";
import { type Recording, recordedFile } from "../verify/evidence/recording.js";
import { exitCodeOf } from "../verify/exit-decision.js";
import type { RailVerdict } from "../verify/verdict.js";
import { verifyRail } from "../verify/verify-rail.js";
import type { Describe } from "./commands.js";
import type { ExitCode } from "./exit-code.js";
import { badArgument } from "./failure.js";
import { orFail, readSourceOrInput } from "./files.js";
import { compileNode, type NodeInput, openVswitchOf } from "./node-input.js";
import { type RailsOptions, takesRails } from "./options.js";
import { startProgress } from "./progress.js";
import type { Terminal } from "./terminal.js";

const example = `
Example:
  $ railfence verify policies/acp --inventory policies/acp/inventory.json --node gpu-001
  $ ovs-appctl dpctl/dump-flows -m > dump.txt
  $ railfence verify policies/acp --inventory policies/acp/inventory.json --node gpu-001 --dump dump.txt
  $ railfence verify policies/acp --inventory policies/acp/inventory.json --node gpu-001 --save night
  $ railfence verify policies/acp --inventory policies/acp/inventory.json --node gpu-001 --dump night

States of a rule, from best to worst: offloaded, partial, accepted-only (the NIC took it and the CPU
forwards), software-tc (the NIC refused it), software-ovs; idle means that no traffic was seen, which says
nothing about offload. "Confirmed by the NIC" are those that the NIC itself has counted packets of: Open
vSwitch alone only repeats what a driver said. A leak, a blackhole or a stale megaflow is a finding.
Everything is read, nothing is changed.
Exit code 0: as intended. 3: a finding, or a rule's traffic is not in hardware.`;

interface Options extends RailsOptions<"pretty" | "json" | "junit"> {
  readonly dump?: string;
  readonly save?: string;
}

export const describeVerify: Describe = (command, terminal, end) => {
  takesRails(command, ["pretty", "json", "junit"], example)
    .description("Says for each rule what became of it in the datapath, and why.")
    .option(
      "--dump <path>",
      "instead of a switch: a saved `ovs-appctl dpctl/dump-flows -m` (`-` is stdin),\nor a folder that `--save` made",
    )
    .option("--save <folder>", "keep all that was read of the switch there, to look at it later")
    .action(async (paths: string[], options: Options) =>
      end(await verify(paths, options, terminal)),
    );
};

async function verify(paths: string[], options: Options, terminal: Terminal): Promise<ExitCode> {
  if (options.dump !== undefined && (options.ovs ?? options.bridgeTarget) !== undefined)
    throw badArgument("`--dump` reads a file, `--ovs` and `--bridge-target` a switch", "give one");
  if (options.dump !== undefined && options.save !== undefined)
    throw badArgument("`--save` keeps what a switch says, and `--dump` is no switch", "give one");
  const input = await compileNode(paths, options, terminal);
  const { recording, dumpName } = await read(input, options, terminal);
  const verdicts = verdictsOf(input, recording, dumpName);
  terminal.out(print(verdicts, options.format, terminal));
  return exitCodeOf(verdicts);
}

interface Reading {
  readonly recording: Recording;
  /** What findings call the dump. */
  readonly dumpName: string;
}

async function read(input: NodeInput, options: Options, terminal: Terminal): Promise<Reading> {
  const { dump, save } = options;
  if (dump === undefined) {
    const recording = await fromSwitch(input, options, terminal);
    if (save !== undefined) await orFail(save, saveRecording(save, recording));
    return { recording, dumpName: "dpctl/dump-flows -m" };
  }
  if (dump === "-" || !(await orFail(dump, stat(dump))).isDirectory()) {
    const { name, text } = await readSourceOrInput(dump, terminal);
    return { recording: recordingOfDump(text), dumpName: name };
  }
  const recording = await orFail(dump, loadRecording(dump));
  const dumpName = join(dump, recordedFile.dump);
  if (!recording.has(recordedFile.dump))
    throw badArgument(
      `folder \`${dump}\` has no \`${recordedFile.dump}\``,
      "name a folder that `verify --save` made, or one file",
    );
  return { recording, dumpName };
}

export function verdictsOf(
  { policy, inventory, rails }: NodeInput,
  recording: Recording,
  dumpName: string,
): RailVerdict[] {
  return readRecording(recording, rails, dumpName).map((observation, index) => {
    const compiled = rails[index];
    if (compiled === undefined) throw new Error(`there is no rail ${index}`);
    return verifyRail({ policy, inventory, compiled, ...observation });
  });
}

async function fromSwitch(
  input: NodeInput,
  options: Options,
  terminal: Terminal,
): Promise<Recording> {
  const names = input.rails.map(({ rail }) => rail);
  const ovs = openVswitchOf(options, names, terminal);
  const progress = startProgress(terminal);
  progress.step("reading the switch");
  return record(ovs, input.rails).finally(progress.end);
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
