/** Flows with one thing broken: a bit of a mask or value, a priority, a register, an action, a flow too few or too many. */

import type { Action } from "../../src/openflow/action.js";
import { fieldOf } from "../../src/openflow/field.js";
import type { Flow } from "../../src/openflow/flow.js";
import type { FieldMatch } from "../../src/openflow/match.js";
import { readFlow } from "../../src/openflow/read.js";
import type { Random } from "./random.js";

export interface Broken {
  readonly how: string;
  readonly flows: readonly Flow[];
}

const foreign = [
  "priority=65535,udp,tp_dst=4791 actions=drop",
  "priority=65535,ip,nw_dst=10.100.0.0/16 actions=LOCAL",
  "priority=60001 actions=NORMAL",
  "priority=65000,arp actions=output:p0",
  "priority=50100,ip,vlan_tci=0x0000/0x1000 actions=drop",
  "priority=65535,icmp6,icmp_type=135 actions=controller",
  "priority=65535,dl_type=0x88cc actions=output:v0",
  "priority=65535,ct_state=+trk,ip actions=drop",
  "priority=40000,in_port=v1,tcp,tp_dst=443 actions=resubmit(,1)",
  "priority=65535,in_port=LOCAL,ip actions=mod_dl_src:02:00:00:00:00:01,output:p0",
];

/** Undefined where the draw breaks nothing that can be broken so. */
export function breakFlows(random: Random, flows: readonly Flow[]): Broken | undefined {
  const at = random.below(flows.length);
  const flow = flows[at] as Flow;
  const replaced = (how: string, other: Flow): Broken => ({
    how,
    flows: flows.map((one, index) => (index === at ? other : one)),
  });
  switch (random.below(8)) {
    case 0:
      return { how: "missing", flows: flows.filter((_, index) => index !== at) };
    case 1: {
      const line = random.pick(foreign);
      const table = random.chance(0.7) ? 0 : flow.table;
      const found = readFlow(`table=${table},${line}`) as Flow;
      return { how: `foreign ${line}`, flows: [...flows, found] };
    }
    case 2: {
      const priority = Math.max(0, Math.min(65535, flow.priority ^ (1 << random.below(16))));
      return replaced(`priority ${priority}`, { ...flow, priority });
    }
    case 3: {
      const actions = flow.actions.length === 0 ? flow.actions : brokenActions(random, flow);
      return actions === flow.actions ? undefined : replaced("action", { ...flow, actions });
    }
    case 4:
    case 5: {
      const fields = brokenField(random, flow, true);
      return fields && replaced("value", { ...flow, match: { ...flow.match, fields } });
    }
    default: {
      const fields = brokenField(random, flow, false);
      return fields && replaced("mask", { ...flow, match: { ...flow.match, fields } });
    }
  }
}

/** What other fields need (an EtherType, a protocol) stays: Open vSwitch would refuse the flow. */
const kept = new Set(["dl_type", "nw_proto", "icmpv6_type", "icmpv6_code", "nw_frag", "vlan_tci"]);

function brokenField(random: Random, flow: Flow, isValue: boolean): FieldMatch[] | undefined {
  const open = flow.match.fields.filter(({ field }) => !kept.has(field));
  if (open.length === 0) return undefined;
  const chosen = random.pick(open);
  const bits: bigint[] = [];
  for (let bit = 0; chosen.mask >> BigInt(bit) !== 0n; bit++)
    if (((chosen.mask >> BigInt(bit)) & 1n) === 1n) bits.push(1n << BigInt(bit));
  const bit = random.pick(bits);
  const { field, value, mask } = chosen;
  const broken = isValue
    ? { field, value: value ^ bit, mask }
    : { field, value: value & ~bit, mask: mask & ~bit };
  return flow.match.fields
    .map((one) => (one === chosen ? broken : one))
    .filter((one) => one.mask !== 0n);
}

function brokenActions(random: Random, flow: Flow): readonly Action[] {
  const at = random.below(flow.actions.length);
  const action = flow.actions[at] as Action;
  const others = flow.actions.filter((_, index) => index !== at);
  if (random.chance(0.3)) return others;
  const replaced = (other: Action) =>
    flow.actions.map((one, index) => (index === at ? other : one));
  switch (action.kind) {
    case "goto":
      return replaced({ ...action, table: action.table ^ (1 << random.below(7)) });
    case "set": {
      const { full } = fieldOf(action.field);
      const bit = 1n << BigInt(random.below(full.toString(2).length));
      return replaced({ ...action, value: (action.value ^ bit) & full });
    }
    case "output":
      return replaced({ kind: "output", port: random.pick(["v0", "v1", "p0", "p1", "LOCAL"]) });
    default:
      return others;
  }
}
