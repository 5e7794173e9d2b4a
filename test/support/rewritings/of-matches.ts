/** Other words for which packets a flow takes. */

import { type FieldName, fieldOf } from "../../../src/openflow/field.js";
import type { Flow } from "../../../src/openflow/flow.js";
import { readFlow } from "../../../src/openflow/read.js";
import type { Draft } from "./draft.js";
import { bitsIn, isReadRight, maskable, openBit, withBit, withBits } from "./match-bits.js";

/** One flow as two, by a bit that it leaves open. */
export function split(draft: Draft): boolean {
  const flow = draft.some();
  const bit = flow && openBit(draft.random, flow.match);
  if (flow === undefined || bit === undefined) return false;
  draft.replace(
    flow,
    [false, true].map((isSet) => ({ ...flow, match: withBit(flow.match, bit, isSet) })),
  );
  return true;
}

/** Two flows that differ in one bit of their match as one. */
export function merge(draft: Draft): boolean {
  const { random } = draft;
  const groups = new Map<string, Flow[]>();
  const field = random.pick(maskable);
  for (const flow of draft.flows) {
    const { mask } = bitsIn(flow.match, field);
    if (mask === 0n || field === "vlan_tci") continue;
    const key = `${restOf(flow, field)} ${mask}`;
    groups.set(key, [...(groups.get(key) ?? []), flow]);
  }
  for (const group of random.shuffled([...groups.values()])) {
    const [one] = random.shuffled(group);
    if (one === undefined) continue;
    const { value, mask } = bitsIn(one.match, field);
    for (const other of group) {
      const bit = value ^ bitsIn(other.match, field).value;
      if (bit === 0n || (bit & (bit - 1n)) !== 0n || !isReadRight(field, value, mask & ~bit))
        continue;
      const match = withBits(one.match, field, value & ~bit, mask & ~bit);
      draft.flows = draft.flows.filter((flow) => flow !== other);
      draft.replace(one, [{ ...one, match }]);
      return true;
    }
  }
  return false;
}

/** Equal for flows that differ in that field alone. */
export function restOf({ table, priority, match, actions }: Flow, field: FieldName): string {
  const others = match.fields.filter((one) => one.field !== field);
  const text = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}n` : value);
  return JSON.stringify([table, priority, match.inPort, match.unknown, others, actions], text);
}

const strange = [
  "drop",
  "NORMAL",
  "LOCAL",
  "controller",
  "output:77",
  "resubmit(,0)",
  "resubmit(,252)",
  "set_field:02:00:00:00:00:01->eth_dst,LOCAL",
].map((actions) => (readFlow(`actions=${actions}`) as Flow).actions);

/** A flow that one of higher priority hides, whatever it does. */
export function shadowed(draft: Draft): boolean {
  const { random } = draft;
  const above = draft.plain(({ priority, match }) => priority > 0 && match.unknown === undefined);
  if (above === undefined) return false;
  const { table, priority } = above;
  let { match } = above;
  for (let count = random.below(4); count > 0; count--) {
    const bit = openBit(random, match);
    if (bit !== undefined) match = withBit(match, bit, random.chance(0.5));
  }
  const actions = random.pick(strange);
  draft.add({
    ...{ table, match, actions, cookie: draft.cookie() },
    priority: Math.max(0, priority - 1 - random.below(random.chance(0.5) ? 10 : 65536)),
  });
  return true;
}

/** A flow for a register's value that no packet has, or in a table to which nothing leads. */
export function unreached(draft: Draft): boolean {
  const { random } = draft;
  const [actions, cookie, priority] = [random.pick(strange), draft.cookie(), random.below(65536)];
  const table = random.chance(0.8) ? random.pick(draft.tables()) : draft.newTable();
  if (table === undefined) return false;
  const isOfTable = draft.ofTable(table).length > 0;
  const near = random.chance(0.5) ? draft.plain((flow) => flow.table === table) : undefined;
  const fields = near?.match ?? { fields: [] };
  const match = isOfTable
    ? withBits(fields, draft.unwritten, 1n, fieldOf(draft.unwritten).full)
    : fields;
  draft.add({ table, match, actions, cookie, priority });
  return true;
}

/** The same once more for some of its packets: at the same priority, or at one that nobody stands in the way of. */
export function doubled(draft: Draft): boolean {
  const flow = draft.plain();
  if (flow === undefined) return false;
  const bit = openBit(draft.random, flow.match);
  if (bit === undefined) return false;
  const priority = draft.random.chance(0.5) ? flow.priority : draft.priorityAbove(flow);
  if (priority === undefined) return false;
  const match = withBit(flow.match, bit, draft.random.chance(0.5));
  draft.add({ ...flow, match, priority, cookie: draft.cookie() });
  return true;
}

/** What no flow takes is dropped: the lowest flow of a table, where it drops, may as well be missing, or be there. */
export function lowestDrop(draft: Draft): boolean {
  const { random } = draft;
  const table = random.pick(draft.tables());
  const own = draft.ofTable(table);
  const lowest = own.reduce((one, other) => (other.priority < one.priority ? other : one));
  if (lowest.actions.length === 0 && own.length > 1) {
    draft.replace(lowest, []);
    return true;
  }
  if (lowest.priority === 0) return false;
  const cookie = draft.cookie();
  draft.add({ table, priority: 0, cookie, match: { fields: [] }, actions: [] });
  return true;
}
