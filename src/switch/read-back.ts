/** Whether a bridge holds what was sent: asked in the cheapest way that can tell. */

import type { TableCounts } from "../openflow/wire/statistics.js";
import type { Reply } from "./bridge-talk.js";
import { everyFlow } from "./cookieless-dump.js";
import { FlowMap } from "./flow-map.js";
import type { FlowText } from "./flow-text.js";
import type { Bundle, OpenVswitch } from "./open-vswitch.js";
import { confirmNothingIsLeft, type Plan, planFlows } from "./plan.js";
import { isSameCount } from "./table-counts.js";

/**
 * The whole bridge after a plan was carried out: it holds `wanted` and what was there of others, and nothing else.
 *
 * @throws {SwitchError} `read-back`
 */
export async function confirmPlan(
  ovs: OpenVswitch,
  plan: Plan,
  wanted: FlowMap<FlowText>,
): Promise<void> {
  // Cookies are all that this leaves open, and they came with the flows. It takes half as long as ovs-ofctl's dump.
  const dump = await ovs.dumpFlowsWithoutCookies(plan.bridge);
  if (dump !== undefined && isExactly(dump, wanted, plan.foreign.length)) return;
  await confirmAll(ovs, plan.bridge, [...wanted.values()]);
}

/** Two flows of a dump never share a place, so counting them is enough to know that none is missing. */
function isExactly(dump: string, wanted: FlowMap<FlowText>, foreign: number): boolean {
  let ours = 0;
  let others = 0;
  const isAsWanted = everyFlow(dump, (place, actions) => {
    const line = wanted.get(place);
    if (line === undefined) others++;
    else ours++;
    return line === undefined || line.actions === actions;
  });
  return isAsWanted && ours === wanted.size && others === foreign;
}

/** What a bridge must hold after a bundle. */
export interface Outcome {
  /** All of ours. */
  readonly wanted: readonly FlowText[];
  /** How many flows each table has then, anybody's. */
  readonly tables: TableCounts;
}

/**
 * Whether the reply that came back after the commit prove that a bundle was carried out. Proven is, by what Open
 * vSwitch sends and a decoder reads that shares no code with the encoder: every flow that was added or changed is there
 * with all its fields, cookie and actions; every flow that was deleted is gone; there are as many of ours as there
 * should be, and in every table as many of anybody. Where a question was for all flows of a port or a party, each of
 * those is as it should be, changed or not. Not proven is that the others kept their actions: whoever changes them in
 * place, at the same moment or before, is found by `check` and `repair`, which read everything.
 */
export function isProven(reply: Reply, { wanted, tables }: Outcome): boolean {
  return (
    reply.ours === wanted.length &&
    isSameCount(reply.tables, tables) &&
    reply.inquiry.isAnsweredBy(reply.flows)
  );
}

/**
 * By reading the whole bridge: it holds `wanted`, each with its actions, and none of what was deleted.
 *
 * @throws {SwitchError} `read-back`
 */
export async function confirmBundle(
  ovs: OpenVswitch,
  bridge: string,
  bundle: Bundle,
  wanted: readonly FlowText[],
): Promise<void> {
  const dump = await ovs.dumpFlowsWithoutCookies(bridge);
  // whatever does not fit at once is looked at with cookies and all
  if (dump !== undefined && fits(readWithoutCookies(dump), bundle.deletes, wanted)) return;
  await confirmAll(ovs, bridge, wanted);
}

async function confirmAll(
  ovs: OpenVswitch,
  bridge: string,
  wanted: readonly FlowText[],
): Promise<void> {
  confirmNothingIsLeft(planFlows(bridge, await ovs.readFlowTexts(bridge), wanted));
}

function fits(
  seen: FlowMap<string>,
  deletes: readonly FlowText[],
  wanted: readonly FlowText[],
): boolean {
  return (
    wanted.every((line) => seen.get(line) === line.actions) &&
    deletes.every((line) => !seen.has(line))
  );
}

function readWithoutCookies(dump: string): FlowMap<string> {
  const flows = new FlowMap<string>();
  everyFlow(dump, (place, actions) => {
    flows.set(place, actions);
    return true;
  });
  return flows;
}
