/** What is no error, and yet lets frames past the fence: now, or once Open vSwitch has lost its flows. */

import type { BridgeState } from "./bridge-state.js";
import { type FlowText, printFlowText } from "./flow-text.js";
import { isFailOpen, withoutCounters } from "./hidden-flows.js";
import type { Plan } from "./plan.js";

export type SwitchWarningKind =
  /** The bridge forwards everything while it has no flows: its `fail_mode` is not `secure`. */
  | "fail-mode"
  /** Somebody's flow forwards whatever no other flow of table 0 matches. */
  | "normal-flow"
  /** Flows for in-band control, which OpenFlow does not show, stand above every flow of railfence. */
  | "in-band"
  /** The bridge has lost its controller, and a flow that OpenFlow does not show forwards everything. */
  | "fail-open"
  /** The bridge treats IP fragments otherwise than railfence's flows are written for. */
  | "fragments";

export interface SwitchWarning {
  readonly kind: SwitchWarningKind;
  readonly bridge: string;
  /** Whether the fence does not hold as it is, or will not once the bridge has lost its flows. */
  readonly when: "now" | "later";
  /** What was seen. */
  readonly message: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do. */
  readonly help: string;
  /** The flow, as ovs-ofctl writes it: of `normal-flow`, `in-band` (the first one) and `fail-open`. */
  readonly flow?: string;
}

/** The flows of others are those that the plan saw; what is absent of the state is not known. */
export function warningsOf(
  { bridge, foreign }: Pick<Plan, "bridge" | "foreign">,
  { failMode = "secure", hidden = [], fragments = "normal" }: BridgeState,
): readonly SwitchWarning[] {
  const inBand = hidden.filter((line) => !isFailOpen(line));
  return [
    ...(failMode === "secure" ? [] : [notSecure(bridge, failMode)]),
    ...foreign.filter(forwardsTheRest).map((line) => normalFlow(bridge, line)),
    ...hidden.filter(isFailOpen).map((line) => lostController(bridge, line)),
    ...inBand.slice(0, 1).map((line) => inBandControl(bridge, inBand.length, line)),
    ...(fragments === "normal" ? [] : [otherFragments(bridge, fragments)]),
  ];
}

function notSecure(bridge: string, failMode: "standalone" | "unset"): SwitchWarning {
  const seen =
    failMode === "unset"
      ? "has no fail_mode, which Open vSwitch takes as `standalone`"
      : "has fail_mode `standalone`";
  return {
    kind: "fail-mode",
    bridge,
    when: "later",
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
    when: "now",
    message: `bridge \`${bridge}\` holds a flow of somebody else that forwards what no other flow of table 0 matches`,
    why: "such frames go past the fence as on any learning switch",
    help: `remove it: \`ovs-ofctl -O OpenFlow14 --strict del-flows ${bridge} table=0,priority=0\`; with fail_mode \`secure\` Open vSwitch does not add it again`,
    flow: printFlowText(line),
  };
}

function lostController(bridge: string, line: string): SwitchWarning {
  return {
    kind: "fail-open",
    bridge,
    when: "now",
    message: `bridge \`${bridge}\` has lost its controller and forwards everything, by a flow that Open vSwitch hides from ovs-ofctl`,
    why: "it stands above every flow of railfence: no frame meets the fence",
    help: `\`ovs-vsctl set-fail-mode ${bridge} secure\` takes it away; install again then`,
    flow: withoutCounters(line),
  };
}

function inBandControl(bridge: string, count: number, first: string): SwitchWarning {
  const flows = count === 1 ? "1 flow" : `${count} flows`;
  return {
    kind: "in-band",
    bridge,
    when: "now",
    message: `bridge \`${bridge}\` has ${flows} for in-band control, which Open vSwitch hides from ovs-ofctl`,
    why: "they stand above every flow of railfence: what they match (ARP and DHCP of the bridge, connections of its controller) is forwarded from and to every port, whoever sends it",
    // remote by remote: update_in_band_remotes() of ofproto/connmgr.c
    help: `\`ovs-vsctl set bridge ${bridge} other-config:disable-in-band=true\` takes them away and nothing else; or, if no controller is needed, \`ovs-vsctl del-controller ${bridge}\`, which empties the bridge: install again then`,
    flow: withoutCounters(first),
  };
}

function otherFragments(bridge: string, mode: string): SwitchWarning {
  return {
    kind: "fragments",
    bridge,
    when: "now",
    message: `bridge \`${bridge}\` treats IP fragments otherwise than by default: \`ovs-ofctl get-frags\` says \`${mode}\``,
    why:
      mode === "nx-match"
        ? "flows see the ports of first fragments then, and railfence's let them pass where only whole packets may"
        : "railfence's flows are written for mode `normal`: fragments do not meet the flows that decide on them",
    help: `\`ovs-ofctl set-frags ${bridge} normal\``,
  };
}

/** Open vSwitch itself adds it to a bridge in standalone mode (bridge_configure_remotes() of vswitchd/bridge.c). */
function forwardsTheRest({ table, match, actions }: FlowText): boolean {
  return table === 0 && match === "priority=0" && /\bnormal\b/i.test(actions);
}
