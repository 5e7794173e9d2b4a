/** `railfence doctor`: is this node able to offload at all? */

import { readFile, stat, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { printDoctorJson } from "../report/doctor-json.js";
import { printDoctor } from "../report/doctor-text.js";
import type { Tone } from "../report/verdict-text.js";
import { LiveSource } from "../switch/doctor/live-source.js";
import type { NodeSource } from "../switch/doctor/node-source.js";
import { readNodeFacts } from "../switch/doctor/read-node-facts.js";
import { RecordedSource } from "../switch/doctor/recorded-source.js";
import { Recorder } from "../switch/doctor/recorder.js";
import { systemRunDirectory } from "../switch/open-vswitch.js";
import type { ExpectedNode } from "../verify/doctor/check-node-inventory.js";
import { type Diagnosis, diagnose, diagnosisOf } from "../verify/doctor/diagnose.js";
import { type ExitCode, exitCode } from "./exit-code.js";
import { badArgument, Failure } from "./failure.js";
import { orFail, readSource } from "./files.js";
import { acceptedInput, inventoryForBridges } from "./input.js";
import { railsOf } from "./node-input.js";
import { type PolicyOptions, takesFormat, takesOptionalPolicy } from "./options.js";
import { startProgress } from "./progress.js";
import type { Terminal } from "./terminal.js";

const example = `
Example:
  $ railfence doctor
  $ railfence doctor policies/acp --inventory policies/acp/inventory.json --node gpu-001
  $ railfence doctor --save node.recording && railfence doctor --from node.recording

Looks at Open vSwitch, bridges, eSwitches, tc, the kernel, RDMA and PCIe, and says of each thing whether it
lets the NIC do the work; of what does not: why it matters, and what to do. It changes nothing. What it may
not read it calls unknown: as root it sees most. \`--save\` keeps what was seen, for a bug report.
Exit code 0: able to offload. 3: something prevents it. 1: what might prevent it could not be read.`;

interface Options extends PolicyOptions {
  readonly inventory?: string;
  readonly node?: string;
  readonly ovs?: string;
  readonly sysfs?: string;
  readonly proc?: string;
  readonly save?: string;
  readonly from?: string;
  readonly format: "pretty" | "json";
}

export function describeDoctor(
  command: Command,
  terminal: Terminal,
  end: (code: ExitCode) => void,
): void {
  command.description("Says whether this node is able to offload at all, and what prevents it.");
  takesFormat(takesOptionalPolicy(command), ["pretty", "json"])
    .option("--inventory <file>", "compare the node with what this inventory says of it")
    .option("--node <name>", "the node, as the inventory calls it (default: this machine's name)")
    .option(
      "--ovs <dir>",
      "Open vSwitch's run directory (default: $OVS_RUNDIR, then /var/run/openvswitch)",
    )
    .option("--sysfs <dir>", "where the node's /sys is mounted, in a container (default: /sys)")
    .option("--proc <dir>", "where the node's /proc is mounted (default: /proc)")
    .option("--save <file>", "keep everything that was seen in this file")
    .option("--from <file>", "look at what `--save` kept instead of at this machine")
    .addHelpText("after", example)
    .action(async (paths: string[], options: Options) =>
      end(await doctor(paths, options, terminal)),
    );
}

async function doctor(paths: string[], options: Options, terminal: Terminal): Promise<ExitCode> {
  checkOptions(paths, options);
  const live = await sourceOf(options, terminal);
  const recorder = options.save === undefined ? undefined : new Recorder(live);
  const source = recorder ?? live;
  const node = options.node ?? (await hostNameOf(source));
  // before the node is looked at: a mistake in what was given should not cost a minute
  const expected = await expectedOf(paths, options, node, terminal);
  if (options.save !== undefined) await makeRoomFor(options.save);
  const progress = startProgress(terminal);
  progress.step("looking at the node");
  const facts = await readNodeFacts(source).finally(progress.end);
  if (options.save !== undefined && recorder !== undefined)
    await orFail(options.save, writeFile(options.save, recorder.print()));
  const findings = diagnose(facts, {
    runDirectory: source.runDirectory,
    ...(expected === undefined ? {} : { expected }),
  });
  terminal.out(
    options.format === "json"
      ? printDoctorJson(findings, node)
      : printDoctor(findings, { node, ...(terminal.colour.out ? { paint } : {}) }),
  );
  return exitCodes[diagnosisOf(findings)];
}

async function hostNameOf(source: NodeSource): Promise<string> {
  const name = await source.text("/proc/sys/kernel/hostname");
  return name.state === "present" ? name.value.trim() : "this node";
}

/** An older recording may be overwritten, anything else is somebody's work. */
async function makeRoomFor(file: string): Promise<void> {
  const before = await orFail(file, readIfThere(file));
  if (before !== "" && !before.startsWith("railfence node recording "))
    throw badArgument(`\`${file}\` is there already and is no recording`, "name another file");
  await orFail(file, writeFile(file, ""));
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

const exitCodes: Readonly<Record<Diagnosis, ExitCode>> = {
  able: exitCode.asIntended,
  unable: exitCode.differs,
  unknown: exitCode.couldNot,
};

function checkOptions(paths: readonly string[], options: Options): void {
  const { from, save, ovs, sysfs, proc, inventory } = options;
  if (from !== undefined && (save ?? ovs ?? sysfs ?? proc) !== undefined)
    throw badArgument(
      "`--from` looks at a recording, `--save`, `--ovs`, `--sysfs` and `--proc` at this machine",
      "give one",
    );
  if (paths.length > 0 && inventory === undefined)
    throw badArgument(
      "a policy alone says nothing of a node",
      "give `--inventory` too, or leave the policy out",
    );
}

async function sourceOf(options: Options, terminal: Terminal): Promise<NodeSource> {
  const { from, sysfs, proc } = options;
  if (from === undefined) {
    const runDirectory = options.ovs ?? terminal.environment["OVS_RUNDIR"] ?? systemRunDirectory;
    for (const mount of [sysfs, proc]) if (mount !== undefined) await orFail(mount, stat(mount));
    return new LiveSource({ runDirectory, sysfs, proc });
  }
  const source = RecordedSource.read((await readSource(from)).text);
  if (source !== undefined) return source;
  throw new Failure(`\`${from}\` is no recording that this version of railfence reads`, {
    exitCode: exitCode.rejected,
    help: "record the node again: `railfence doctor --save FILE`",
  });
}

async function expectedOf(
  paths: readonly string[],
  options: Options,
  node: string,
  terminal: Terminal,
): Promise<ExpectedNode | undefined> {
  if (options.inventory === undefined) return undefined;
  const inventory =
    paths.length > 0
      ? (await acceptedInput(paths, { ...options, inventory: options.inventory, node }, terminal))
          .inventory
      : await inventoryForBridges(options.inventory, terminal);
  // the same words as everywhere for a node that the inventory does not know
  railsOf(inventory, { inventory: options.inventory, node });
  return { inventory, node };
}

const escapes: Readonly<Record<Tone, number>> = { good: 32, bad: 31, quiet: 2 };

function paint(word: string, tone: Tone): string {
  return `\u001b[${escapes[tone]}m${word}\u001b[0m`;
}
