/** Other words for what a flow does. */

import type { Action } from "../../../src/openflow/action.js";
import { type FieldName, fieldOf } from "../../../src/openflow/field.js";
import type { Flow } from "../../../src/openflow/flow.js";
import type { Draft } from "./draft.js";

type Set = Action & { readonly kind: "set" };

function setsWhole(action: Action): action is Set {
  return action.kind === "set" && (action.mask ?? whole(action.field)) === whole(action.field);
}

function whole(field: FieldName): bigint {
  return fieldOf(field).full;
}

/** Another list in the place of one action. */
function instead(draft: Draft, flow: Flow, at: number, actions: readonly Action[]): true {
  const before = flow.actions.slice(0, at);
  draft.replace(flow, [
    { ...flow, actions: [...before, ...actions, ...flow.actions.slice(at + 1)] },
  ]);
  return true;
}

/** A field set to something else first. */
export function setTwice(draft: Draft): boolean {
  const flow = draft.plain(({ actions }) => actions.some(setsWhole));
  if (flow === undefined) return false;
  const at = flow.actions.findIndex(setsWhole);
  const action = flow.actions[at] as Set;
  const wrong = draft.random.bits(48) & whole(action.field);
  return instead(draft, flow, at, [{ ...action, value: wrong }, action]);
}

/** A register set in two parts. */
export function setInParts(draft: Draft): boolean {
  const isRegister = (action: Action) => setsWhole(action) && action.field.startsWith("reg");
  const flow = draft.plain(({ actions }) => actions.some(isRegister));
  if (flow === undefined) return false;
  const at = flow.actions.findIndex(isRegister);
  const { field, value } = flow.actions[at] as Set;
  const low = (1n << BigInt(1 + draft.random.below(31))) - 1n;
  const part = (mask: bigint): Action => ({ kind: "set", field, value: value & mask, mask });
  return instead(draft, flow, at, draft.random.shuffled([part(low), part(whole(field) & ~low)]));
}

/** A register's value by way of another register. */
export function setByMove(draft: Draft): boolean {
  const isRegister = (action: Action) => setsWhole(action) && action.field.startsWith("reg");
  const flow = draft.plain(({ actions }) => actions.some(isRegister));
  const [spare] = draft.random.shuffled(draft.spare);
  if (flow === undefined || spare === undefined) return false;
  const at = flow.actions.findIndex(isRegister);
  const { field, value } = flow.actions[at] as Set;
  const set: Action = { kind: "set", field: spare, value };
  return instead(draft, flow, at, [set, { kind: "move", from: spare, to: field }]);
}

/** A register that nobody looks at. */
export function scribbled(draft: Draft): boolean {
  const flow = draft.plain(({ actions }) => actions.length > 0);
  const [spare] = draft.random.shuffled(draft.spare);
  if (flow === undefined || spare === undefined) return false;
  const set: Action = { kind: "set", field: spare, value: draft.random.bits(32) };
  draft.replace(flow, [{ ...flow, actions: [set, ...flow.actions] }]);
  return true;
}

/** Lookups see none of them in fragments, where they are set all the same. */
const unseen: readonly FieldName[] = ["tp_src", "tp_dst", "icmp_type", "icmp_code"];
/** What Open vSwitch has no `set_field` for, and what must stay as it is for the match to be one. */
const unsettable: readonly FieldName[] = [
  ...["conj_id", "dl_type", "nw_proto", "nw_frag", "tcp_flags", "icmpv6_type", "icmpv6_code"],
  ...["nd_reserved", "nd_options_type", "vlan_tci", "nd_target", "nd_sll", "nd_tll"],
] as readonly FieldName[];

/** A field set to what the match says that it is. */
export function setAsIs(draft: Draft): boolean {
  const isUsable = (field: FieldName) => !unseen.includes(field) && !unsettable.includes(field);
  const known = ({ match }: Flow) =>
    match.fields.filter(({ field, mask }) => isUsable(field) && mask === whole(field));
  const flow = draft.plain((one) => one.actions.length > 0 && known(one).length > 0);
  if (flow === undefined) return false;
  const { field, value } = draft.random.pick(known(flow));
  draft.replace(flow, [{ ...flow, actions: [{ kind: "set", field, value }, ...flow.actions] }]);
  return true;
}

/** A copy to the port where the packet comes from, which is never sent (OpenFlow 1.4, section 7.2.1). */
export function sentBack(draft: Draft): boolean {
  const flow = draft.plain(({ match }) => match.inPort !== undefined);
  const port = flow?.match.inPort;
  if (flow === undefined || port === undefined) return false;
  draft.replace(flow, [{ ...flow, actions: [{ kind: "output", port }, ...flow.actions] }]);
  return true;
}

/** Two fields set in the other order. */
export function swapped(draft: Draft): boolean {
  const { random } = draft;
  const places = ({ actions }: Flow) =>
    actions.slice(1).flatMap((action, at) => {
      const before = actions[at] as Action;
      return before.kind === "set" && action.kind === "set" && before.field !== action.field
        ? [at]
        : [];
    });
  const flow = draft.plain((one) => places(one).length > 0);
  if (flow === undefined) return false;
  const at = random.pick(places(flow));
  const [one, other] = flow.actions.slice(at, at + 2) as [Action, Action];
  const rest = flow.actions.slice(at + 2);
  draft.replace(flow, [{ ...flow, actions: [...flow.actions.slice(0, at), other, one, ...rest] }]);
  return true;
}

/** A register's part played by another one, everywhere. */
export function renamed(draft: Draft): boolean {
  const { random } = draft;
  const [from] = random.shuffled(draft.used);
  const [to] = random.shuffled(draft.spare);
  if (from === undefined || to === undefined) return false;
  // what was scribbled into the other one was for nobody
  const rename = (field: FieldName) => (field === from ? to : field === to ? from : field);
  draft.flows = draft.flows.map(({ match, actions, ...flow }) => ({
    ...flow,
    match: {
      ...match,
      fields: inOrder(match.fields.map((one) => ({ ...one, field: rename(one.field) }))),
    },
    actions: actions.map((action) => {
      if (action.kind === "set") return { ...action, field: rename(action.field) };
      if (action.kind !== "move") return action;
      return { ...action, from: rename(action.from), to: rename(action.to) };
    }),
  }));
  draft.spare = draft.spare.map(rename);
  draft.used = draft.used.map(rename);
  return true;
}

function inOrder<One extends { readonly field: FieldName }>(fields: readonly One[]): One[] {
  return [...fields].sort((one, other) => fieldOf(one.field).index - fieldOf(other.field).index);
}
