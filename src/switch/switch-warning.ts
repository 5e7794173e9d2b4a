/** What is no error, and yet lets frames past the fence: now, or once Open vSwitch has lost its flows. */

import type { FailMode } from "./fail-mode.js";
import { type FlowText, printFlowText } from "./flow-text.js";
import type { Plan } from "./plan.js";

export type SwitchWarningKind =
  /** The bridge forwards everything while it has no flows: its `fail_mode` is not `secure`. */
  | "fail-mode"
  /** Somebody's flow forwards whatever no other flow of table 0 matches. */
  | "normal-flow";

export interface SwitchWarning {
  readonly kind: SwitchWarningKind;
  readonly bridge: string;
  /** What was seen. */
  readonly message: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do. */
  readonly help: string;
  /** The flow, as ovs-ofctl writes it, of `normal-flow`. */
  readonly flow?: string;
}

/** `failMode` is undefined where it cannot be known; the flows of others are those that the plan saw. */
export function warningsOf(
  { bridge, foreign }: Pick<Plan, "bridge" | "foreign">,
  failMode: FailMode | undefined,
): readonly SwitchWarning[] {
  const warnings = foreign.filter(forwardsTheRest).map((line) => normalFlow(bridge, line));
  if (failMode === undefined || failMode === "secure") return warnings;
  return [notSecure(bridge, failMode), ...warnings];
}

function notSecure(bridge: string, failMode: "standalone" | "unset"): SwitchWarning {
  const seen =
    failMode === "unset"
      ? "has no fail_mode, which Open vSwitch takes as `standalone`"
      : "has fail_mode `standalone`";
  return {
    kind: "fail-mode",
    bridge,
    message: `bridge \`${bridge}\` ${seen}`,
    why: "after a restart of ovs-vswitchd, or a change of fail_mode, it has no flows of railfence and forwards everything until the next install",
    // connmgr_set_fail_mode() of ofproto/connmgr.c flushes the flows of a bridge without controllers
    help: `\`ovs-vsctl set-fail-mode ${bridge} secure\`, which empties the bridge: install again then, and at each boot before pods start`,
  };
}

function normalFlow(bridge: string, line: FlowText): SwitchWarning {
  return {
    kind: "normal-flow",
    bridge,
    message: `bridge \`${bridge}\` holds a flow of somebody else that forwards what no other flow of table 0 matches`,
    why: "such frames go past the fence as on any learning switch",
    help: `remove it: \`ovs-ofctl -O OpenFlow14 --strict del-flows ${bridge} table=0,priority=0\`; with fail_mode \`secure\` Open vSwitch does not add it again`,
    flow: printFlowText(line),
  };
}

/** Open vSwitch itself adds it to a bridge in standalone mode (bridge_configure_remotes() of vswitchd/bridge.c). */
function forwardsTheRest({ table, match, actions }: FlowText): boolean {
  return table === 0 && match === "priority=0" && /\bnormal\b/i.test(actions);
}
