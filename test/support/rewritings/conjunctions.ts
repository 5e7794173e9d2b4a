/** Flows as conjunctive matches (ovs-fields(7), "Conjunctive Match Fields"). */

import type { Action } from "../../../src/openflow/action.js";
import { type FieldName, fieldOf } from "../../../src/openflow/field.js";
import type { Flow } from "../../../src/openflow/flow.js";
import type { Match } from "../../../src/openflow/match.js";
import { type Draft, isPlain } from "./draft.js";
import { bitsIn, maskable, withBits } from "./match-bits.js";
import { restOf } from "./of-matches.js";

/** A flow as two dimensions that its packets meet. */
export function conjunction(draft: Draft): boolean {
  const flow = draft.plain(
    ({ match }) => match.unknown === undefined && splitFields(match).length > 0,
  );
  if (flow === undefined || meetsOther(draft, flow)) return false;
  const field = draft.random.pick(splitFields(flow.match));
  const { value, mask } = bitsIn(flow.match, field);
  const without = withBits(flow.match, field, 0n, 0n);
  conjoin(draft, [flow], without, [{ ...needed(flow.match), value, mask, field }]);
  return true;
}

/** Flows that differ in one field's values as one dimension with those values, and one with the rest. */
export function disjunction(draft: Draft): boolean {
  const { random } = draft;
  const field = random.pick(maskable);
  const first = draft.plain(({ match }) => splitFields(match).includes(field));
  if (first === undefined) return false;
  const all = draft.flows.filter(
    (one) => isPlain(one) && restOf(one, field) === restOf(first, field),
  );
  const chosen = random.some(
    all.filter((one) => bitsIn(one.match, field).mask !== 0n),
    2,
  );
  if (chosen.length < 2 || chosen.some((one) => meetsOther(draft, one))) return false;
  const dimension = chosen.map(({ match }) => ({
    ...{ ...needed(match), ...bitsIn(match, field), field },
  }));
  conjoin(draft, chosen, withBits(first.match, field, 0n, 0n), dimension);
  return true;
}

interface Dimension {
  readonly base: Match;
  readonly field: FieldName;
  readonly value: bigint;
  readonly mask: bigint;
}

function conjoin(
  draft: Draft,
  replaced: readonly Flow[],
  without: Match,
  values: readonly Dimension[],
): void {
  const [{ table, priority, cookie, actions }] = replaced as [Flow];
  const id = draft.conjunctionId();
  const part = (dimension: number): Action[] => [{ kind: "conjunction", id, dimension, of: 2 }];
  const same = { table, priority, cookie };
  const dimensions = values.map(({ base, field, value, mask }) => ({
    ...{ ...same, match: withBits(base, field, value, mask), actions: part(1) },
  }));
  draft.flows = draft.flows.filter((flow) => !replaced.includes(flow));
  draft.add(...dimensions, { ...same, match: without, actions: part(2) });
  const end = withBits(needed(without).base, "conj_id", id, fieldOf("conj_id").full);
  draft.add({ ...same, match: end, actions });
}

const prerequisites = ["dl_type", "nw_proto", "icmpv6_type", "icmpv6_code"] as const;

/** What other fields, and the actions, need beside them. */
function needed({ fields }: Match): { readonly base: Match } {
  const kept = fields.filter(({ field }) => prerequisites.some((name) => name === field));
  return { base: { fields: kept } };
}

function splitFields(match: Match): FieldName[] {
  return maskable.filter((field) => bitsIn(match, field).mask !== 0n);
}

/** Two ids that one packet meets at a priority are Open vSwitch's own choice. */
function meetsOther(draft: Draft, { table, priority, match }: Flow): boolean {
  return draft.ofTable(table).some(
    (flow) =>
      flow.priority === priority &&
      !isPlain(flow) &&
      !match.fields.some(({ field, value, mask }) => {
        const other = bitsIn(flow.match, field);
        return ((other.value ^ value) & other.mask & mask) !== 0n;
      }),
  );
}
