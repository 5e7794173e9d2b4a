/** What changes on a bridge: a summary line and the flows of each rule, or an object. */

import type { CompiledRail, Provenance } from "../compile/compiled-rail.js";
import type { Port } from "../openflow/match.js";
import { type PortNumbers, printFlow } from "../openflow/print.js";
import { readFlow } from "../openflow/read.js";
import { type FlowText, printFlowText } from "../switch/flow-text.js";
import type { Plan } from "../switch/plan.js";
import { printPlace } from "../text/source.js";
import type { PlanDocument } from "./documents.js";
import { becauseOf } from "./print-rail.js";

export interface PlanView {
  readonly rail: string;
  /** Says which rules a flow serves. */
  readonly provenance: CompiledRail["provenance"];
  /** Of the bridge: flows are shown with the names of its ports. */
  readonly portNumbers: PortNumbers;
  readonly colour: boolean;
}

/** By rule; `+` is added, `~` gets other actions or another cookie, `-` goes. */
export function printPlan(plan: Plan, view: PlanView): string {
  const paint = (code: number, text: string) =>
    view.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  const names = new Map([...view.portNumbers].map(([name, number]) => [number, name]));
  const groups = new Map<string, Group>();
  const add = ({ cookie }: FlowText, ...lines: readonly string[]) => {
    const group = groups.get(cookie) ?? groupOf(cookie, view.provenance.get(BigInt(cookie)));
    group.lines.push(...lines);
    groups.set(cookie, group);
  };
  for (const line of plan.adds) add(line, paint(32, `    + ${withNames(line, names)}`));
  for (const { before, after } of plan.changes)
    add(
      after,
      paint(33, `    ~ ${withNames(after, names)}`),
      `      was ${differenceOf(before, after, names)}`,
    );
  for (const line of plan.deletes) add(line, paint(31, `    - ${withNames(line, names)}`));
  const first = `${view.rail}: bridge ${plan.bridge}: ${summaryOf(plan)}`;
  const inOrder = [...groups.values()].sort((one, other) => one.rank - other.rank);
  return `${[first, ...inOrder.flatMap(({ lines }) => lines)].join("\n")}\n`;
}

interface Group {
  /** Rules first, and the fence's own flows, of which there are most, at the end. */
  readonly rank: number;
  /** Whose the flows are, then the flows. */
  readonly lines: string[];
}

function groupOf(cookie: string, provenance: Provenance | undefined): Group {
  if (provenance === undefined)
    return { rank: 1, lines: [`  of no rule that there is now (cookie ${cookie})`] };
  if (provenance.kind === "fence")
    return { rank: 2, lines: [`  of the fence itself: ${provenance.duty}`] };
  const lines = provenance.rules.map(({ text, span }) => `  ${text} (${printPlace(span)})`);
  return { rank: 0, lines };
}

/** Of what stands there now, only what will be otherwise. */
function differenceOf(
  before: FlowText,
  after: FlowText,
  names: ReadonlyMap<number, string>,
): string {
  const differing = [
    ...(before.cookie === after.cookie ? [] : [`cookie=${before.cookie}`]),
    ...(before.extras === after.extras ? [] : [before.extras]),
    ...(before.actions === after.actions
      ? []
      : [withNames(before, names).replace(/^.*(?=actions=)/, "")]),
  ];
  return differing.join(" ");
}

/** A flow that is not understood is shown as the switch has it. */
function withNames(line: FlowText, names: ReadonlyMap<number, string>): string {
  const flow = readFlow(printFlowText(line));
  if (flow === undefined || !flow.understood) return printFlowText(line);
  const name = (port: Port) => (typeof port === "number" ? (names.get(port) ?? port) : port);
  const { inPort } = flow.match;
  const match = inPort === undefined ? flow.match : { ...flow.match, inPort: name(inPort) };
  const actions = flow.actions.map((action) =>
    action.kind === "output" ? { ...action, port: name(action.port) } : action,
  );
  // the cookie stands for the rule above
  return printFlow({ table: flow.table, priority: flow.priority, cookie: 0n, match, actions });
}

function summaryOf({ adds, changes, deletes, unchanged, foreign }: Plan): string {
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
): Omit<PlanDocument["rails"][number], "warnings" | "reach" | "cost"> {
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
