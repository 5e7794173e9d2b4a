/** What changes on a bridge: a summary line, the flows, and an object. */

import type { CompiledRail } from "../compile/compiled-rail.js";
import { type FlowText, printFlowText } from "../switch/flow-text.js";
import type { Plan } from "../switch/plan.js";
import type { PlanDocument } from "./documents.js";
import { becauseOf } from "./print-rail.js";

/** `+` is added, `~` gets other actions or another cookie, `-` goes. */
export function printPlan(rail: string, plan: Plan, colour: boolean): string {
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const lines = [`${rail}: bridge ${plan.bridge}: ${summaryOf(plan)}`];
  for (const line of plan.adds) lines.push(paint(32, `  + ${printFlowText(line)}`));
  for (const { before, after } of plan.changes) {
    lines.push(paint(33, `  ~ ${printFlowText(after)}`));
    lines.push(`    was ${differenceOf(before, after)}`);
  }
  for (const line of plan.deletes) lines.push(paint(31, `  - ${printFlowText(line)}`));
  return `${lines.join("\n")}\n`;
}

/** Of what stands there now, only what will be otherwise. */
function differenceOf(before: FlowText, after: FlowText): string {
  const differing = [
    ...(before.cookie === after.cookie ? [] : [`cookie=${before.cookie}`]),
    ...(before.extras === after.extras ? [] : [before.extras]),
    ...(before.actions === after.actions ? [] : [`actions=${before.actions}`]),
  ];
  return differing.join(" ");
}

export function summaryOf({ adds, changes, deletes, unchanged, foreign }: Plan): string {
  const counts = [
    `${adds.length} to add`,
    `${changes.length} to change`,
    `${deletes.length} to delete`,
    `${unchanged} unchanged`,
  ];
  if (foreign.length > 0) counts.push(`${foreign.length} of others, untouched`);
  return counts.join(", ");
}

/** `compiled` says which rules a flow serves; without it (uninstall) nothing is known but the flow. */
export function planObject(
  rail: string,
  plan: Plan,
  compiled?: CompiledRail,
): Omit<PlanDocument["rails"][number], "warnings"> {
  const line = (flow: FlowText) => ({
    flow: printFlowText(flow),
    because: becauseOf(compiled?.provenance.get(BigInt(flow.cookie))),
  });
  return {
    rail,
    bridge: plan.bridge,
    adds: plan.adds.map(line),
    changes: plan.changes.map(({ before, after }) => ({
      ...line(after),
      before: printFlowText(before),
    })),
    deletes: plan.deletes.map(line),
    unchanged: plan.unchanged,
    foreign: plan.foreign.length,
  };
}
