/** Two tables as one: what a flow would meet in the table behind, it does itself. */

import type { Action } from "../../../src/openflow/action.js";
import { fieldOf } from "../../../src/openflow/field.js";
import type { Flow } from "../../../src/openflow/flow.js";
import type { FieldMatch } from "../../../src/openflow/match.js";
import { type Draft, isPlain } from "./draft.js";
import { bitsIn, isReadRight, withBits } from "./match-bits.js";
import { leading, spread } from "./of-tables.js";

/** At most so many flows are written in the place of one. */
const mostFolded = 12;

/** A flow that leads to a table as one flow for each of those there: what it would meet, it does itself. */
export function folded(draft: Draft): boolean {
  const flow = draft.plain((one) => {
    const on = leading(one);
    if (on === undefined || one.actions.some(({ kind }) => kind !== "set" && kind !== "goto"))
      return false;
    const met = draft.ofTable(on.target);
    return met.length > 0 && met.length <= mostFolded && met.every(isPlain);
  });
  const on = leading(flow);
  if (flow === undefined || on === undefined) return false;
  const sets = flow.actions.slice(0, -1);
  const met = draft.ofTable(on.target);
  const products = met.map((one) => productOf(flow, sets, one));
  if (products.includes("unclear")) return false;
  spread(draft, flow.table, () => mostFolded + 1);
  const here = draft
    .ofTable(flow.table)
    .find(({ match, actions }) => match === flow.match && actions === flow.actions) as Flow;
  const ranks = [...new Set(met.map(({ priority }) => priority))].sort((one, other) => one - other);
  const missing: Flow = { ...here, actions: [] };
  const written = products.flatMap((product, at) => {
    if (product === undefined || product === "unclear") return [];
    const rank = ranks.indexOf((met[at] as Flow).priority) + 1;
    return [{ ...product, priority: here.priority - mostFolded - 1 + rank }];
  });
  // below the others' priorities: what they do not take must not fall through
  draft.replace(here, [{ ...missing, priority: here.priority - mostFolded - 1 }, ...written]);
  return true;
}

/** One flow behind the other as one; undefined where no packet comes by both. */
function productOf(
  flow: Flow,
  sets: readonly Action[],
  behind: Flow,
): Flow | undefined | "unclear" {
  if (behind.match.unknown !== undefined || flow.match.unknown !== undefined) return "unclear";
  const port = behind.match.inPort;
  if (port !== undefined && flow.match.inPort !== undefined && port !== flow.match.inPort)
    return undefined;
  let { match } = flow;
  if (port !== undefined) match = { ...match, inPort: port };
  for (const wanted of behind.match.fields) {
    const given = setTo(sets, wanted);
    if (given === "unclear") return "unclear";
    if (given !== undefined) {
      if ((given & wanted.mask) !== wanted.value) return undefined;
      continue;
    }
    const { value, mask } = bitsIn(match, wanted.field);
    if (((value ^ wanted.value) & mask & wanted.mask) !== 0n) return undefined;
    if (!isReadRight(wanted.field, value | wanted.value, mask | wanted.mask)) return "unclear";
    match = withBits(match, wanted.field, value | wanted.value, mask | wanted.mask);
  }
  const actions = behind.actions.map((action) =>
    // in this table it would name itself
    action.kind === "resubmit" ? { ...action, table: action.table ?? behind.table } : action,
  );
  return { ...flow, match, actions: [...sets, ...actions] };
}

/** The value that the actions give the whole field; undefined where they leave it alone. */
function setTo(sets: readonly Action[], { field }: FieldMatch): bigint | undefined | "unclear" {
  let value: bigint | undefined | "unclear";
  for (const action of sets)
    if (action.kind === "set" && action.field === field)
      value =
        action.mask === undefined || action.mask === fieldOf(field).full ? action.value : "unclear";
  return value;
}
