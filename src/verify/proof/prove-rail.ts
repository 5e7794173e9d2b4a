/** The whole of a proof, for whoever wants its answer: equal, or what differs and why. */

import type { ProofInput } from "./comparison.js";
import { explainDifferences } from "./explain-differences.js";
import type { RailProof } from "./finding.js";
import { RailProver } from "./rail-prover.js";

/** Decides for every packet that can come in, and names one for each way to differ. */
export function proveRail(input: ProofInput): RailProof {
  const comparison = new RailProver(input).compare();
  const { fence } = comparison;
  const portNumbers = input.portNumbers ?? new Map();
  const { findings, hasMore } = explainDifferences(comparison, input.flows, portNumbers);
  const isDifferent = findings.some(({ kind }) => kind === "different");
  return {
    node: input.node,
    rail: input.rail,
    bridge: fence.nodeRail.bridge,
    uplink: fence.nodeRail.uplink,
    verdict: isDifferent ? "different" : findings.length > 0 ? "unknown" : "equal",
    flows: input.flows.length,
    ports: fence.ports().map(({ name }) => name),
    absentPorts: fence.absentPorts(),
    strangers: comparison.strangers.map(({ name }) => name),
    portNumbers,
    findings,
    hasMore,
  };
}
