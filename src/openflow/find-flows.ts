/** The flow of a table that takes a packet, as Open vSwitch finds it; more than one where it is open which. */

import { conjoined, isConjunctive, isPartOf } from "./conjunction.js";
import { fieldOf } from "./field.js";
import type { Flow } from "./flow.js";
import type { Port } from "./match.js";
import { lookUp, type Tables, unknowableFields, type Values } from "./tables.js";

const fragmentIndex = fieldOf("nw_frag").index;

/** OVS keeps all of these in the same two fields; the flags of a first fragment it does see. */
const portIndexes = (
  ["tp_src", "tp_dst", "icmp_type", "icmp_code", "icmpv6_type", "icmpv6_code"] as const
).map((name) => fieldOf(name).index);

/**
 * With the fragment handling "normal", the default, OVS pretends in every lookup that no fragment has ports, not
 * even the first one, which does (rule_dpif_lookup_from_table() in ofproto/ofproto-dpif.c; seen in 3.1.0).
 */
function withoutPortsOfFragments(values: Values): Values {
  if (values[fragmentIndex] === 0n) return values;
  const seen = [...values];
  for (const index of portIndexes) seen[index] = 0n;
  return seen;
}

export interface Found {
  /** More than one where it is open which counts. */
  readonly flows: readonly Flow[];
  readonly conjunctive?: readonly Flow[];
}

const conjunctionIndex = fieldOf("conj_id").index;

/** classifier_lookup__() of lib/classifier.c: conjunctive flows count where they lead to another one. */
export function findFlows(tables: Tables, table: number, port: Port, packet: Values): Found {
  const values = withoutPortsOfFragments(packet);
  const isHard = (flow: Flow) => !isConjunctive(flow);
  for (let below = Number.POSITIVE_INFINITY; ; ) {
    const limit = below;
    const met = lookUp(tables, table, port, values, ({ priority }) => priority < limit);
    const soft = met.filter(isConjunctive);
    if (soft.length === 0) return { flows: met };
    const hard = met.filter(isHard);
    const result = soft.some(isOpaque) ? "unclear" : conjoined(soft.flatMap((one) => one.actions));
    if (result === "unclear") return { flows: met };
    if (result !== "nothing") {
      const again = [...values];
      again[conjunctionIndex] = result.id;
      const flows = lookUp(tables, table, port, again, isSeenAgain);
      const conjunctive = soft.filter((flow) => isPartOf(flow, result.id));
      // beside a plain flow of their priority: "unpredictable", says ovs-fields(7)
      if (flows.length > 0) return { flows: [...hard, ...flows], conjunctive };
    }
    if (hard.length > 0) return { flows: hard };
    below = (soft[0] as Flow).priority;
  }
}

/** See `hiddenFlows`; the flows of one match come by falling priority. */
function isSeenAgain(_: Flow, ofOneMatch: readonly Flow[]): boolean {
  return ofOneMatch[0] !== undefined && !isConjunctive(ofOneMatch[0]);
}

export function isOpaque({ match }: Flow): boolean {
  return (
    match.unknown !== undefined || match.fields.some(({ field }) => unknowableFields.has(field))
  );
}
