/** `railfence plan`: what install would change. */

import { tallyText } from "../report/tally-text.js";
import { readBridgeState } from "../switch/bridge-state.js";
import { planInstall } from "../switch/install.js";
import { isEmpty } from "../switch/plan.js";
import { warningsOf } from "../switch/switch-warning.js";
import { legitimateTallyOf } from "../verify/cost/rail-cost.js";
import { modelOfCompiled } from "../verify/cost/rail-model.js";
import type { Describe } from "./commands.js";
import { type ExitCode, exitCode } from "./exit-code.js";
import { compileForSwitch } from "./node-input.js";
import { type RailsOptions, takesRails } from "./options.js";
import { noReach, printReach, reachObject, reachOfInstall } from "./plan-reach.js";
import { planObject, printPlan } from "./print-plan.js";
import { printSwitchWarning } from "./print-switch-warning.js";
import { startProgress } from "./progress.js";
import type { Terminal } from "./terminal.js";

const example = `
Example:
  $ railfence plan policies/acp --inventory policies/acp/inventory.json --node gpu-001
  $ railfence plan policies/acp --inventory policies/acp/inventory.json --node gpu-001 --rail pf1 --format json

The cost is what legitimate traffic will make of the datapath once that is installed; the command cost says more.
Flows stand below the rule they serve, marked + (added), ~ (changed) and - (deleted). Nothing is sent to the switch.
Exit code 0: the switch holds these flows already. 3: install would change something.`;

type Options = RailsOptions<"pretty" | "json">;

export const describePlan: Describe = (command, terminal, end) => {
  takesRails(command, ["pretty", "json"], example)
    .description("Shows what install would change on a node's bridges, and changes nothing.")
    .action(async (paths: string[], options: Options) => end(await plan(paths, options, terminal)));
};

async function plan(paths: string[], options: Options, terminal: Terminal): Promise<ExitCode> {
  const { policy, inventory, rails, ovs } = await compileForSwitch(paths, options, terminal);
  const progress = startProgress(terminal);
  const plans = [];
  for (const rail of rails) {
    progress.step(`reading bridge ${rail.ports.bridge}`);
    const state = readBridgeState(ovs, rail.ports.bridge);
    const portNumbers = await ovs.portNumbers(rail.ports.bridge);
    const plan = await planInstall(ovs, rail);
    const reach = isEmpty(plan)
      ? noReach
      : await reachOfInstall(ovs, { policy, inventory, rail, portNumbers }, progress);
    progress.step(`counting megaflows of rail ${rail.rail}`);
    const cost = legitimateTallyOf(modelOfCompiled(policy, inventory, rail));
    plans.push({
      rail,
      plan,
      reach,
      cost,
      portNumbers,
      warnings: warningsOf(plan, await state),
    });
  }
  progress.end();
  for (const warning of plans.flatMap(({ warnings }) => warnings))
    terminal.err(printSwitchWarning(warning));
  if (options.format === "json") {
    const objects = plans.map(({ rail, plan, reach, cost, warnings }) => ({
      ...planObject(rail.rail, plan, rail),
      reach: reachObject(reach),
      cost,
      warnings,
    }));
    terminal.out(`${JSON.stringify({ version: 1, rails: objects }, undefined, 2)}\n`);
  } else
    terminal.out(
      plans
        .map(
          ({ rail, plan, reach, cost, portNumbers }) =>
            printReach(reach, rail.rail, terminal.colour.out) +
            `${rail.rail}: cost: ${tallyText(cost)} of legitimate traffic\n` +
            printPlan(plan, { ...rail, portNumbers, colour: terminal.colour.out }),
        )
        .join("\n"),
    );
  return plans.every(({ plan }) => isEmpty(plan)) ? exitCode.asIntended : exitCode.differs;
}
