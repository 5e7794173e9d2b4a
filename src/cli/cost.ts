/** `railfence cost`: the eSwitch's bill, before anything is installed. */

import { type Command, InvalidArgumentError, Option } from "commander";
import { printCostJson } from "../report/cost-json.js";
import { printCost } from "../report/cost-text.js";
import { adviceFor } from "../verify/cost/advice.js";
import type { NodeCost, RailCost } from "../verify/cost/cost.js";
import { hostileCostsOf, railCostOf } from "../verify/cost/rail-cost.js";
import { railModelOf } from "../verify/cost/rail-model.js";
import { type ExitCode, exitCode } from "./exit-code.js";
import { acceptedInput } from "./input.js";
import { railsOf } from "./node-input.js";
import { type PolicyOptions, takesFormat, takesPolicy } from "./options.js";
import { startProgress } from "./progress.js";
import type { Terminal } from "./terminal.js";

const example = `
Example:
  $ railfence cost policies/acp --inventory policies/acp/inventory.json --node gpu-001
  $ railfence cost policies/acp --inventory policies/acp/inventory.json --table-size 65536 --advice
  $ railfence cost policies/acp --inventory policies/acp/inventory.json --node gpu-001 --rail pf1 --hostile

Says how many megaflows and masks Open vSwitch will ask the NIC to hold: every endpoint with every other that
it may meet, one connection for each service, both ways; then the same with all ports, a client's being
those of Linux, 32768 to 60999. Nothing is installed, no switch is asked.
Exit code 0: said. 2: policy, inventory or arguments are wrong.`;

interface Options extends PolicyOptions {
  readonly inventory: string;
  readonly node?: string;
  readonly rail?: string;
  readonly tableSize?: number;
  readonly hostile?: true;
  readonly advice?: true;
  readonly format: "pretty" | "json";
}

export function describeCost(
  command: Command,
  terminal: Terminal,
  end: (code: ExitCode) => void,
): void {
  command.description("Says what a node's traffic will cost the datapath and the NIC.");
  takesFormat(takesPolicy(command), ["pretty", "json"])
    .requiredOption("--inventory <file>", "rails, nodes and endpoints, as JSON (required)")
    .option("--node <name>", "only this node (default: all of them)")
    .option("--rail <name>", "only this rail (default: all of a node's)")
    .addOption(
      new Option(
        "--table-size <number>",
        "how many entries the eSwitch holds, to compare with",
      ).argParser(readSize),
    )
    .option(
      "--hostile",
      "also count what any packets can make, of a pod and from the uplink; takes a second or two for a rail",
    )
    .option("--advice", "also say what would make it cheaper, by trying it")
    .addHelpText("after", example)
    .action(async (paths: string[], options: Options) => end(await cost(paths, options, terminal)));
}

async function cost(paths: string[], options: Options, terminal: Terminal): Promise<ExitCode> {
  const { policy, inventory } = await acceptedInput(paths, options, terminal);
  const names = options.node === undefined ? [...inventory.nodes.keys()].sort() : [options.node];
  const progress = startProgress(terminal);
  const nodes: NodeCost[] = [];
  for (const node of names) {
    const rails: RailCost[] = [];
    for (const rail of railsOf(inventory, { ...options, node })) {
      progress.step(`${node} ${rail}`);
      const place = { node, rail };
      const model = railModelOf(policy, inventory, place);
      const found = railCostOf(model);
      rails.push({
        ...found,
        ...(options.hostile && { hostile: hostileCostsOf(model) }),
        ...(options.advice && { advice: adviceFor(policy, inventory, place, found) }),
      });
    }
    const megaflows = rails.reduce((sum, { legitimate }) => sum + legitimate.megaflows, 0);
    const { tableSize } = options;
    nodes.push({ node, rails, megaflows, ...(tableSize === undefined ? {} : { tableSize }) });
  }
  progress.end();
  terminal.out(options.format === "json" ? printCostJson(nodes) : printCost(nodes));
  return exitCode.asIntended;
}

function readSize(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new InvalidArgumentError("It is not a number of entries.");
  return Number(text);
}
