/**
 * What becomes of one packet where it is open which flow takes it, for each flow that may: with equal actions in other
 * words, or with actions that come to the same, the proof knows what `evaluate` alone has to leave open.
 */

import type { Doubt } from "../../openflow/doubt.js";
import { type Evaluation, evaluate } from "../../openflow/evaluate.js";
import type { Flow } from "../../openflow/flow.js";
import type { Port } from "../../openflow/match.js";
import type { PacketFields } from "../../openflow/packet-fields.js";
import type { PortNumbers } from "../../openflow/print.js";
import { tablesOf, unknowableFields } from "../../openflow/tables.js";

/** Two flows at each of so many tables make more ways than are worth a second opinion. */
const mostWays = 64;

export interface OpenPacket {
  readonly flows: readonly Flow[];
  readonly portNumbers: PortNumbers;
  readonly packet: PacketFields;
  readonly inPort: Port;
}

/** One evaluation for each way; undefined where one of them is still in doubt, or there are too many. */
export function evaluateEitherWay(asked: OpenPacket): readonly Evaluation[] | undefined {
  const ways: Evaluation[] = [];
  const waiting: (readonly Flow[])[] = [asked.flows];
  for (const flows of waiting) {
    if (waiting.length > mostWays) return undefined;
    const tables = tablesOf(flows, asked.portNumbers);
    const evaluation = evaluate(tables, asked.packet, { inPort: asked.inPort });
    if (evaluation.doubt === undefined) ways.push(evaluation);
    else {
      const decided = decidedWays(flows, evaluation.doubt);
      if (decided === undefined) return undefined;
      waiting.push(...decided);
    }
  }
  return ways;
}

/** The same tables without the doubt, one for each way to end it. */
function decidedWays(flows: readonly Flow[], doubt: Doubt): (readonly Flow[])[] | undefined {
  switch (doubt.kind) {
    case "ambiguous":
      return doubt.flows.map((taken) =>
        flows.filter((flow) => flow === taken || !doubt.flows.includes(flow)),
      );
    case "unknown-match":
      return [
        flows.filter((flow) => flow !== doubt.flow),
        flows.map((flow) => (flow === doubt.flow ? certainly(flow) : flow)),
      ];
    case "unknown-action":
    case "goes-back":
    case "too-deep":
      return undefined;
  }
}

/** As if what cannot be known of the match were so. */
function certainly(flow: Flow): Flow {
  const { unknown: _, fields, ...match } = flow.match;
  const known = fields.filter(({ field }) => !unknowableFields.has(field));
  return { ...flow, match: { ...match, fields: known } };
}
