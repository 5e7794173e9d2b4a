/** One mistake in a rewriting: what it wrote is wrong in one place. */

import type { Action } from "../../../src/openflow/action.js";
import { fieldOf } from "../../../src/openflow/field.js";
import type { Flow } from "../../../src/openflow/flow.js";
import type { Random } from "../random.js";
import { isReadRight } from "./match-bits.js";

export interface Slipped {
  readonly how: string;
  /** The flow as it should be. */
  readonly flow: Flow;
  readonly flows: readonly Flow[];
}

/** `written` are some of the flows; undefined where nothing can slip there. */
export function slip(
  random: Random,
  written: readonly Flow[],
  flows: readonly Flow[],
): Slipped | undefined {
  const acting = written.filter(({ actions }) => actions.length > 0);
  const [flow] = random.shuffled(random.chance(0.8) ? acting : written);
  if (flow === undefined) return undefined;
  const [how, mistake] = random.pick(Object.entries(mistakes));
  const wrong = mistake(random, flow);
  if (wrong === undefined) return undefined;
  return { how, flow, flows: flows.flatMap((one) => (one === flow ? wrong : [one])) };
}

type Mistake = (random: Random, flow: Flow) => readonly Flow[] | undefined;

const mistakes: Readonly<Record<string, Mistake>> = {
  forgotten: () => [],
  "other value": (random, flow) =>
    withField(random, flow, (value, mask, bit) => [value ^ bit, mask]),
  "one bit less": (random, flow) =>
    withField(random, flow, (value, mask, bit) => [value & ~bit, mask & ~bit]),
  "priority off by one": (random, flow) => [
    { ...flow, priority: Math.max(0, flow.priority + random.pick([-1, 1])) },
  ],
  "no actions": (_, flow) => (flow.actions.length === 0 ? undefined : [{ ...flow, actions: [] }]),
  "one action less": (random, flow) => {
    if (flow.actions.length === 0) return undefined;
    const at = random.below(flow.actions.length);
    return [{ ...flow, actions: flow.actions.filter((_, index) => index !== at) }];
  },
  "other action": (random, flow) => {
    if (flow.actions.length === 0) return undefined;
    const at = random.below(flow.actions.length);
    const actions = flow.actions.map((action, index) =>
      index === at ? other(random, action) : action,
    );
    return [{ ...flow, actions }];
  },
  "any port": (_, { match: { inPort, ...match }, ...flow }) =>
    inPort === undefined ? undefined : [{ ...flow, match }],
};

/** What other fields need stays, as `ovs-ofctl` would refuse the flow. */
const kept = new Set(["dl_type", "nw_proto", "icmpv6_type", "icmpv6_code", "vlan_tci", "nw_frag"]);

function withField(
  random: Random,
  flow: Flow,
  change: (value: bigint, mask: bigint, bit: bigint) => readonly [bigint, bigint],
): readonly Flow[] | undefined {
  const [chosen] = random.shuffled(flow.match.fields.filter(({ field }) => !kept.has(field)));
  if (chosen === undefined) return undefined;
  const bits = [...chosen.mask.toString(2)].reverse();
  const places = bits.flatMap((bit, at) => (bit === "1" ? [1n << BigInt(at)] : []));
  const [value, mask] = change(chosen.value, chosen.mask, random.pick(places));
  if (!isReadRight(chosen.field, value, mask)) return undefined;
  const fields = flow.match.fields.flatMap((one) =>
    one !== chosen ? [one] : mask === 0n ? [] : [{ ...one, value, mask }],
  );
  return [{ ...flow, match: { ...flow.match, fields } }];
}

function other(random: Random, action: Action): Action {
  switch (action.kind) {
    case "goto":
      return { ...action, table: Math.min(253, action.table + 1) };
    case "resubmit":
      return { ...action, table: ((action.table ?? 0) + 1) % 254 };
    case "output":
      return { ...action, port: random.pick(["v0", "v1", "v2", "LOCAL"]) };
    case "set": {
      const { full } = fieldOf(action.field);
      const bit = 1n << BigInt(random.below(full.toString(2).length));
      const { mask = full } = action;
      return { ...action, value: (action.value ^ bit) & mask };
    }
    case "move":
      return { ...action, from: action.to, to: action.from };
    case "conjunction":
      return { ...action, dimension: (action.dimension % action.of) + 1 };
    case "controller":
    case "write-actions":
    case "clear-actions":
    case "queue":
    case "note":
    case "unknown":
      return action;
  }
}
