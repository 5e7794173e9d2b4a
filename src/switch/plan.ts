/** What must change on a bridge so that it holds exactly these flows of ours. */

import { SwitchError } from "./errors.js";
import { FlowMap } from "./flow-map.js";
import { type FlowText, isOurs, isSameFlow, printFlowText } from "./flow-text.js";
import type { Bundle } from "./open-vswitch.js";
import { inOurWords } from "./our-words.js";

export interface Plan {
  readonly bridge: string;
  readonly adds: readonly FlowText[];
  /** Same table, priority and match; another cookie or other actions. */
  readonly changes: readonly Change[];
  readonly deletes: readonly FlowText[];
  readonly unchanged: number;
  /** Flows without our cookie: noted, never touched. */
  readonly foreign: readonly FlowText[];
}

export interface Change {
  readonly before: FlowText;
  readonly after: FlowText;
}

export function isEmpty(plan: Plan): boolean {
  return plan.adds.length + plan.changes.length + plan.deletes.length === 0;
}

/** @throws {SwitchError} `foreign-flow` where somebody else's flow stands at the place of one of ours */
export function planFlows(
  bridge: string,
  installed: readonly FlowText[],
  wanted: readonly FlowText[],
): Plan {
  const ours = new FlowMap<FlowText>();
  const foreign: FlowText[] = [];
  for (const line of installed)
    if (isOurs(line)) ours.set(line, line);
    else foreign.push(line);
  const places = foreign.length === 0 ? undefined : FlowMap.of(wanted);
  for (const line of foreign)
    if (places?.hasTable(line.table) && (places.has(line) || places.has(inOurWords(line))))
      throw inTheWay(bridge, line);

  const adds: FlowText[] = [];
  const changes: Change[] = [];
  let unchanged = 0;
  for (const after of wanted) {
    const before = ours.get(after);
    if (before === undefined) adds.push(after);
    else if (isSameFlow(before, after)) unchanged++;
    else changes.push({ before, after });
    ours.delete(after);
  }
  const deletes = [...ours.values()];
  return respelled({ bridge, adds, changes, deletes, unchanged, foreign });
}

/**
 * Another version of Open vSwitch may print the same flow in other words (`nw_frag` became `ip_frag`): what seems to
 * differ is read and printed in ours before it counts.
 */
function respelled(plan: Plan): Plan {
  const changes = plan.changes.filter(
    ({ before, after }) => !isSameFlow(inOurWords(before), after),
  );
  const adds = plan.deletes.length === 0 ? undefined : FlowMap.of(plan.adds);
  const deletes = plan.deletes.filter((line) => {
    if (adds === undefined || adds.size === 0) return true;
    const before = inOurWords(line);
    const after = adds.get(before);
    if (after === undefined) return true;
    adds.delete(after);
    // the same place in other words: to be replaced, never to be deleted after it was added
    if (!isSameFlow(before, after)) changes.push({ before: line, after });
    return false;
  });
  const left = adds === undefined ? plan.adds : [...adds.values()];
  const same = plan.changes.length + plan.adds.length - changes.length - left.length;
  return { ...plan, adds: left, changes, deletes, unchanged: plan.unchanged + same };
}

export function bundleOf(plan: Plan): Bundle {
  // adding a flow with the same table, priority and match replaces it (OpenFlow 1.4, section 6.4)
  return { adds: [...plan.adds, ...plan.changes.map(({ after }) => after)], deletes: plan.deletes };
}

/** @throws {SwitchError} `read-back` */
export function confirmNothingIsLeft(rest: Plan): void {
  if (isEmpty(rest)) return;
  const first = rest.adds[0] ?? rest.changes[0]?.after ?? rest.deletes[0];
  const flow = first === undefined ? undefined : printFlowText(first);
  const count = rest.adds.length + rest.changes.length + rest.deletes.length;
  throw new SwitchError({
    kind: "read-back",
    message: `bridge \`${rest.bridge}\` took the flows, yet ${count} of them are not as sent: \`${flow}\``,
    help: "somebody else may change the bridge at the same time: run again",
    bridge: rest.bridge,
    flow,
  });
}

function inTheWay(bridge: string, line: FlowText): SwitchError {
  const flow = printFlowText(line);
  return new SwitchError({
    kind: "foreign-flow",
    message: `bridge \`${bridge}\` holds a flow of somebody else where railfence needs one: \`${flow}\``,
    help: "railfence never overwrites it: remove it, or let railfence begin at another table (`--table-base`)",
    bridge,
    flow,
  });
}
