/** What becomes of one rail, in the JSON of a difference: its flows, and what its traffic costs. */

import { z } from "zod";
import { printFlow } from "../openflow/print.js";
import type { RailChange } from "../verify/cost/rail-change.js";

const count = z.int().nonnegative();
const flow = z.string().describe("as ovs-ofctl writes it");
const tally = z.strictObject({ megaflows: count, masks: count });

export const railChangeSchema = z.strictObject({
  node: z.string(),
  rail: z.string(),
  added: z.array(flow),
  changed: z.array(z.strictObject({ before: flow, after: flow })),
  deleted: z.array(flow),
  unchanged: count,
  cost: z
    .strictObject({ before: tally, after: tally })
    .describe("of legitimate traffic: one connection for each pair and service"),
});

export function railChangeDocument(one: RailChange): z.output<typeof railChangeSchema> {
  const { node, rail, added, changed, deleted, unchanged, cost } = one;
  return {
    node,
    rail,
    added: added.map((each) => printFlow(each)),
    changed: changed.map(({ before, after }) => ({
      before: printFlow(before),
      after: printFlow(after),
    })),
    deleted: deleted.map((each) => printFlow(each)),
    unchanged,
    cost: { before: { ...cost.before }, after: { ...cost.after } },
  };
}
