/** `railfence compile`: the flows of a node, as text. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CompiledRail } from "../compile/compiled-rail.js";
import type { Describe } from "./commands.js";
import { type ExitCode, exitCode } from "./exit-code.js";
import { orFail } from "./files.js";
import { compileNode, openVswitchOf } from "./node-input.js";
import { type RailsOptions, type SwitchOptions, takesRails } from "./options.js";
import { type PortNumbers, printRail, railObject } from "./print-rail.js";
import type { Terminal } from "./terminal.js";

const example = `
Example:
  $ railfence compile policies/acp --inventory policies/acp/inventory.json --node gpu-001
  $ railfence compile policies/acp --inventory policies/acp/inventory.json --node gpu-001 --rail pf1 --out flows
  $ ovs-ofctl -O OpenFlow14 --bundle add-flows br-pf1 flows/pf1.flows

Flows name ports. With --ovs or --bridge-target, ports are written as the numbers they have on that switch.
A table begins with a comment: its name and what it is for.
Exit code 0: printed. 2: policy, inventory or arguments are wrong, or a rule cannot be offloaded. 1: no such port or bridge.`;

interface Options extends RailsOptions<"text" | "json"> {
  readonly out?: string;
}

export const describeCompile: Describe = (command, terminal, end) => {
  takesRails(command, ["text", "json"], example)
    .description("Prints the OpenFlow flows that make a node's bridges do what the policy says.")
    .option("--out <dir>", "write DIR/RAIL.flows (or .json) instead of printing")
    .action(async (paths: string[], options: Options) =>
      end(await compile(paths, options, terminal)),
    );
};

async function compile(paths: string[], options: Options, terminal: Terminal): Promise<ExitCode> {
  const { rails } = await compileNode(paths, options, terminal);
  const numbers = await portNumbers(rails, options, terminal);
  if (options.out === undefined) {
    if (options.format === "json") {
      const objects = rails.map((rail, index) => railObject(rail, numbers[index]));
      terminal.out(`${JSON.stringify({ version: 1, rails: objects }, undefined, 2)}\n`);
    } else terminal.out(rails.map((rail, index) => printRail(rail, numbers[index])).join("\n"));
    return exitCode.asIntended;
  }
  await orFail(options.out, mkdir(options.out, { recursive: true }));
  for (const [index, rail] of rails.entries())
    await write(options.out, rail, numbers[index], options.format, terminal);
  return exitCode.asIntended;
}

async function write(
  folder: string,
  rail: CompiledRail,
  numbers: PortNumbers | undefined,
  format: Options["format"],
  terminal: Terminal,
): Promise<void> {
  const isJson = format === "json";
  const file = join(folder, `${rail.rail}.${isJson ? "json" : "flows"}`);
  const text = isJson
    ? `${JSON.stringify({ version: 1, rails: [railObject(rail, numbers)] }, undefined, 2)}\n`
    : printRail(rail, numbers);
  await orFail(file, writeFile(file, text));
  terminal.err(`${file}: ${rail.flows.length} flows\n`);
}

/** A switch is asked only where the user names one: compiling needs none. */
async function portNumbers(
  rails: readonly CompiledRail[],
  options: SwitchOptions,
  terminal: Terminal,
): Promise<(PortNumbers | undefined)[]> {
  if (options.ovs === undefined && options.bridgeTarget === undefined) return [];
  const ovs = openVswitchOf(
    options,
    rails.map(({ rail }) => rail),
    terminal,
  );
  return Promise.all(rails.map((rail) => ovs.portNumbers(rail.ports.bridge)));
}
