/** `railfence verify`: what became of each rule, live or from what was saved; once, again and again, or until it is so. */

import { InvalidArgumentError, Option } from "commander";
import { printMetrics } from "../report/metrics.js";
import { printVerdictJson } from "../report/verdict-json.js";
import { printVerdictJunit } from "../report/verdict-junit.js";
import { printVerdicts } from "../report/verdict-text.js";
import { saveRecording } from "../switch/recording-folder.js";
import type { SwitchWarning } from "../switch/switch-warning.js";
import { exitCodeOf } from "../verify/exit-decision.js";
import type { RailVerdict } from "../verify/verdict.js";
import type { Describe } from "./commands.js";
import type { ExitCode } from "./exit-code.js";
import { badArgument } from "./failure.js";
import { orFail } from "./files.js";
import { isPort, openMetrics } from "./metrics-target.js";
import { compileNode, type NodeInput, openVswitchOf } from "./node-input.js";
import { type RailsOptions, takesRails } from "./options.js";
import { paintsOf } from "./paint.js";
import { printSwitchWarning } from "./print-switch-warning.js";
import { startProgress } from "./progress.js";
import type { Terminal } from "./terminal.js";
import { type Reading, readSaved, readSwitch, verdictsOf, warningsIn } from "./verify-reading.js";
import { awaitedIn, wait } from "./verify-wait.js";
import { watch } from "./verify-watch.js";

const example = `
Example:
  $ railfence verify policies/acp --inventory policies/acp/inventory.json --node gpu-001
  $ ovs-appctl dpctl/dump-flows -m > dump.txt
  $ railfence verify policies/acp --inventory policies/acp/inventory.json --node gpu-001 --dump dump.txt
  $ railfence verify policies/acp --inventory policies/acp/inventory.json --node gpu-001 --save night
  $ railfence verify policies/acp --inventory policies/acp/inventory.json --node gpu-001 --dump night
  $ railfence verify policies/acp --inventory policies/acp/inventory.json --node gpu-001 \\
      --wait 30s --connection 'search-train/worker-0->10.101.3.9:roce'
  $ railfence verify policies/acp --inventory policies/acp/inventory.json --node gpu-001 \\
      --watch --metrics 9477

States of a rule, from best to worst: offloaded, partial, accepted-only (the NIC took it and the CPU
forwards), software-tc (the NIC refused it), software-ovs; idle means that no traffic was seen, which says
nothing about offload. "Confirmed by the NIC" are those that the NIC itself has counted packets of: Open
vSwitch alone only repeats what a driver said. A leak, a blackhole or a stale megaflow is a finding.
Everything is read, nothing is changed.
A connection is \`SOURCE->DESTINATION:SERVICE\`: addresses, or \`namespace/pod\` for all of a pod's addresses;
a service of the policy, or \`4791/udp\`. It is in hardware once it has a megaflow, and all of them are.
Exit code 0: as intended. 3: a finding, a rule's traffic is not in hardware, or the wait was in vain.`;

interface Options extends RailsOptions<"pretty" | "json" | "junit"> {
  readonly dump?: string;
  readonly save?: string;
  readonly watch?: true;
  readonly wait?: number;
  readonly connection?: readonly string[];
  readonly interval?: number;
  readonly metrics?: string;
}

export const describeVerify: Describe = (command, terminal, end) => {
  takesRails(command, ["pretty", "json", "junit"], example)
    .description("Says for each rule what became of it in the datapath, and why.")
    .option(
      "--dump <path>",
      "instead of a switch: a saved `ovs-appctl dpctl/dump-flows -m` (`-` is stdin),\nor a folder that `--save` made",
    )
    .option("--save <folder>", "keep all that was read of the switch there, to look at it later")
    .option("--watch", "stay, and say what changes, until interrupted")
    .addOption(
      new Option("--wait <time>", "stay until all is in hardware, at most so long: 30s, 2m, 500ms")
        .argParser(readDuration)
        .conflicts("watch"),
    )
    .option(
      "--connection <name>",
      "what to wait for, as often as needed (default: every rule)",
      (name: string, others: readonly string[] = []) => [...others, name],
    )
    .addOption(
      new Option(
        "--interval <time>",
        "between two readings (default: 2s; with --wait 500ms)",
      ).argParser(readDuration),
    )
    .option(
      "--metrics <where>",
      "Prometheus' text format: a file that is replaced whole, or with --watch\na port of 127.0.0.1 (GET /metrics)",
    )
    .action(async (paths: string[], options: Options) =>
      end(await verify(paths, options, terminal)),
    );
};

async function verify(paths: string[], options: Options, terminal: Terminal): Promise<ExitCode> {
  checkOptions(options);
  const input = await compileNode(paths, options, terminal);
  const { dump, format, interval } = options;
  if (dump !== undefined)
    return conclude(input, await readSaved(dump, terminal), options, terminal);
  const names = input.rails.map(({ rail }) => rail);
  const ovs = openVswitchOf(options, names, terminal);
  if (options.wait !== undefined && format !== "junit") {
    const awaited = awaitedIn(options.connection ?? [], input);
    const times = { timeoutMs: options.wait, intervalMs: interval ?? 500 };
    return wait(ovs, input, awaited, { ...times, format }, terminal);
  }
  if (options.watch === true && format !== "junit") {
    const { metrics } = options;
    return watch(ovs, input, { intervalMs: interval ?? 2_000, format, metrics }, terminal);
  }
  const progress = startProgress(terminal);
  progress.step("reading the switch");
  const reading = await readSwitch(ovs, input).finally(progress.end);
  return conclude(input, reading, options, terminal);
}

async function conclude(
  input: NodeInput,
  reading: Reading,
  { save, metrics, format }: Options,
  terminal: Terminal,
): Promise<ExitCode> {
  if (save !== undefined) await orFail(save, saveRecording(save, reading.recording));
  const verdicts = verdictsOf(input, reading);
  if (metrics !== undefined) {
    const target = await openMetrics(metrics);
    await target.publish(printMetrics(verdicts, { readAtSeconds: Date.now() / 1000, failures: 0 }));
  }
  const warnings = warningsIn(input, reading);
  for (const warning of warnings) terminal.err(printSwitchWarning(warning));
  terminal.out(print(verdicts, warnings, format, terminal));
  return exitCodeOf(verdicts);
}

/** Options that make no sense together, before anything is read. */
function checkOptions(options: Options): void {
  const { dump, save, metrics, connection, interval } = options;
  const stays = options.watch === true || options.wait !== undefined;
  if (dump !== undefined && (options.ovs ?? options.bridgeTarget) !== undefined)
    throw badArgument("`--dump` reads a file, `--ovs` and `--bridge-target` a switch", "give one");
  if (dump !== undefined && (stays || save !== undefined || metrics !== undefined))
    throw badArgument(
      "`--dump` reads what was: it can be neither watched nor waited for, saved or measured",
      "leave `--dump` out to read the switch",
    );
  if (stays && save !== undefined)
    throw badArgument("`--save` keeps one reading, `--watch` and `--wait` make many", "give one");
  if (stays && options.format === "junit")
    throw badArgument("JUnit's format is for a verdict that is final", "use `--format json`");
  if (connection !== undefined && options.wait === undefined)
    throw badArgument("`--connection` names what `--wait` waits for", "give `--wait 30s` too");
  if (interval !== undefined && !stays)
    throw badArgument("`--interval` is of `--watch` and `--wait`", "give one of them too");
  if (metrics !== undefined && options.wait !== undefined)
    throw badArgument("`--wait` has no metrics", "use `--metrics` with `--watch`, or alone");
  if (metrics !== undefined && isPort(metrics) && options.watch !== true)
    throw badArgument("nobody could read metrics of a port that is closed again", "add `--watch`");
}

function print(
  verdicts: readonly RailVerdict[],
  warnings: readonly SwitchWarning[],
  format: Options["format"],
  terminal: Terminal,
): string {
  if (format === "json") return printVerdictJson(verdicts, warnings);
  if (format === "junit") return printVerdictJunit(verdicts);
  return printVerdicts(verdicts, paintsOf(terminal));
}

const unitsMs = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
]);

function readDuration(text: string): number {
  const [, digits, unit] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
  const milliseconds = Number(digits) * (unitsMs.get(unit ?? "") ?? Number.NaN);
  if (Number.isNaN(milliseconds) || milliseconds === 0)
    throw new InvalidArgumentError("It is no time, written 500ms, 30s or 2m.");
  return milliseconds;
}
