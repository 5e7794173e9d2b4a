/** Random tables as others write them: conjunctive matches, and resubmits that look a packet up as of another port. */

import type { Flow } from "../../src/openflow/flow.js";
import { readFlow } from "../../src/openflow/read.js";
import { conjunctiveTables } from "./conjunctive-tables.js";
import type { Random } from "./random.js";

const fromTable0 = [
  "resubmit(2,1)",
  "resubmit(3,1),output:3",
  "resubmit(,1),resubmit(2,2)",
  "set_field:7->reg0,resubmit(1,2),resubmit(,1)",
  "set_field:02:00:00:00:00:09->eth_src,resubmit(3,2),output:2",
] as const;
const fromTable1 = ["drop", "output:3", "output:2", "resubmit(1,2)", "goto_table:2"] as const;
const matches = [
  "tcp,nw_src=10.0.0.1",
  "tcp,nw_dst=10.0.1.0/30",
  "tcp,tp_dst=80/0xfffc",
  "ip,nw_src=10.0.0.0/29",
  "tcp,nw_src=10.0.0.9,tp_dst=443",
  "ip",
  "reg0=7",
] as const;

/** Mostly a priority for each mask shape, so that OVS's order of equal ones rarely matters. */
export function foreignTables(random: Random): readonly Flow[] {
  const lines = new Map<string, string>();
  const add = (table: number, match: string, actions: string) => {
    const priority = 100 - 2 * (lines.size + 1);
    lines.set(
      `${table} ${match}`,
      `table=${table}, priority=${priority},${match} actions=${actions}`,
    );
  };
  if (random.chance(0.7)) add(0, random.pick(matches), random.pick(fromTable0));
  if (random.chance(0.5)) add(0, `in_port=2,${random.pick(matches)}`, random.pick(fromTable0));
  for (let count = 3; count > 0; count--)
    add(1, `in_port=${random.pick([1, 2, 3])},${random.pick(matches)}`, random.pick(fromTable1));
  add(1, random.pick(matches), random.pick(fromTable1));
  for (let count = 2; count > 0; count--)
    add(
      2,
      `in_port=${random.pick([1, 2, 3])},${random.pick(matches)}`,
      random.pick(["drop", "output:3"]),
    );
  const own = [...lines.values()].map((line) => {
    const flow = readFlow(line);
    if (flow === undefined || flow.match.unknown !== undefined)
      throw new Error(`not read: ${line}`);
    return flow;
  });
  return [...own, ...conjunctiveTables(random).filter(({ table }) => table === 0)];
}
