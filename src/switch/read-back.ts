/** Whether a bridge holds what was sent: asked in the cheapest way that can tell. */

import { everyFlow } from "./cookieless-dump.js";
import { FlowMap } from "./flow-map.js";
import { sliceAround } from "./flow-slice.js";
import type { FlowText } from "./flow-text.js";
import type { Bundle, OpenVswitch } from "./open-vswitch.js";
import { confirmNothingIsLeft, type Plan, planFlows } from "./plan.js";

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
  const seen = await ovs.readFlowTexts(plan.bridge);
  confirmNothingIsLeft(planFlows(plan.bridge, seen, [...wanted.values()]));
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

/** Up to here the control socket's answer is quicker than a process that asks for a slice of the flows. */
const fewFlows = 4_000;

/** What was sent of `wanted`, all of ours. @throws {SwitchError} `read-back` */
export async function confirmBundle(
  ovs: OpenVswitch,
  bridge: string,
  bundle: Bundle,
  wanted: readonly FlowText[],
): Promise<void> {
  if (wanted.length <= fewFlows) {
    const dump = await ovs.dumpFlowsWithoutCookies(bridge);
    // whatever does not fit at once is looked at with cookies and all
    if (dump !== undefined && fits(readWithoutCookies(dump), bundle.deletes, wanted)) return;
  }
  const slice = sliceAround([...bundle.adds, ...bundle.deletes]);
  const seen = await ovs.readFlowTexts(bridge, slice.filter);
  confirmNothingIsLeft(planFlows(bridge, seen, wanted.filter(slice.holds)));
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
