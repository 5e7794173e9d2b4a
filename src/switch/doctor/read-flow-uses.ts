/** Whose flows a bridge holds, and which of them use what keeps megaflows narrow or out of the NIC. */

import { type Fact, mapFact } from "../../verify/doctor/fact.js";
import type { BridgeSettings, FlowUses } from "../../verify/doctor/node-facts.js";
import { type FlowText, isOurs, printFlowText, readFlowTexts } from "../flow-text.js";
import type { NodeSource } from "./node-source.js";

export async function readFlowUses(
  source: NodeSource,
  bridges: readonly BridgeSettings[],
): Promise<ReadonlyMap<string, Fact<FlowUses>>> {
  const uses = new Map<string, Fact<FlowUses>>();
  for (const { name } of bridges) {
    // every version that a bridge may be limited to: the answer is the same text
    const versions = "OpenFlow10,OpenFlow13,OpenFlow14,OpenFlow15";
    const dump = await source.command(
      "ovs-ofctl",
      "-O",
      versions,
      "--no-stats",
      "dump-flows",
      name,
    );
    uses.set(
      name,
      mapFact(dump, (text) => usesOf(readFlowTexts(text))),
    );
  }
  return uses;
}

const actions: readonly (readonly [FlowUses["uses"][number]["action"], RegExp])[] = [
  ["normal", /\bNORMAL\b/i],
  ["flood", /\b(?:FLOOD|ALL)\b/],
  ["conntrack", /\bct(?:_clear)?\b(?:\(|,|$)/],
  ["controller", /\bCONTROLLER\b/i],
  ["group", /\bgroup:/],
  ["learn", /\blearn\(/],
];

function usesOf(flows: readonly FlowText[]): FlowUses {
  const foreign = flows.filter((flow) => !isOurs(flow));
  return {
    own: flows.length - foreign.length,
    foreign: foreign.length,
    uses: actions.flatMap(([action, pattern]) => {
      const found = foreign.filter((flow) => pattern.test(flow.actions));
      const [first] = found;
      return first === undefined
        ? []
        : [{ action, count: found.length, example: printFlowText(first) }];
    }),
  };
}
