/** Whether a bridge holds what was sent: asked in the cheapest way that can tell. */

import { FlowMap } from "./flow-map.js";
import { sliceAround } from "./flow-slice.js";
import { type FlowText, withoutDefaultPriority } from "./flow-text.js";
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
  wanted: readonly FlowText[],
): Promise<void> {
  // Cookies are all that this leaves open, and they came with the flows. It takes half as long as ovs-ofctl's dump.
  const dump = await ovs.dumpFlowsWithoutCookies(plan.bridge);
  if (dump !== undefined) {
    const seen = readWithoutCookies(dump);
    const isWhole = seen.size === wanted.length + plan.foreign.length;
    if (isWhole && fits(seen, [], wanted)) return;
  }
  confirmNothingIsLeft(planFlows(plan.bridge, await ovs.readFlowTexts(plan.bridge), wanted));
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

/** TBL_INTERNAL of ofproto/ofproto-dpif.h: Open vSwitch's own flows, which OpenFlow never shows. */
const hiddenTable = "254";

/** `table_id=3, duration=1s, n_packets=0, n_bytes=0, priority=100,ip,nw_dst=10.0.0.1,actions=output:1`. */
export function readWithoutCookies(dump: string): FlowMap<string> {
  const flows = new FlowMap<string>();
  for (const [, table, match = "", actions = ""] of dump.matchAll(
    /^(?:table_id=(\d+), )?duration=\S+ n_packets=\d+, n_bytes=\d+, (.*?),?actions=(.*)$/gm,
  ))
    if (table !== hiddenTable)
      flows.set({ table: Number(table ?? 0), match: withoutDefaultPriority(match) }, actions);
  return flows;
}
