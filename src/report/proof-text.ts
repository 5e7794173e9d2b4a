/** Proofs for a terminal: one line where tables and policy are equal, else a packet for each way to differ. */

import type { Flow } from "../openflow/flow.js";
import { printPlace } from "../text/source.js";
import { anyStranger } from "../verify/proof/fence.js";
import type { ProofFinding, RailProof } from "../verify/proof/finding.js";
import { harmless } from "./columns.js";
import { printFlowWithNames } from "./named-ports.js";
import {
  describeDoubt,
  describeFinding,
  describePolicy,
  describeProof,
  describeSent,
  gaveUp,
} from "./proof-words.js";

/** Most findings that are shown; JSON has all. */
const most = 10;

export function printProofs(proofs: readonly RailProof[]): string {
  return proofs.map(printProof).join("");
}

function printProof(proof: RailProof): string {
  const { node, rail, bridge, findings, absentPorts } = proof;
  const lines = [`${node} ${rail} (${bridge}): ${describeProof(proof)}`];
  if (absentPorts.length > 0)
    lines.push(`  not on the bridge, so nothing comes from there: ${absentPorts.join(", ")}`);
  const strangers = proof.strangers.filter((name) => name !== anyStranger);
  if (proof.verdict === "equal" && strangers.length > 0)
    lines.push(
      `  not in the inventory, and nothing from there reaches an endpoint: ${strangers.join(", ")}`,
    );
  for (const finding of findings.slice(0, most)) lines.push("", ...findingLines(finding, proof));
  const rest = findings.length - most;
  if (rest > 0) lines.push("", `  and ${rest} more: \`--format json\` has all`);
  // flows of a saved dump may hold any text
  return `${lines.map(harmless).join("\n")}\n`;
}

function findingLines(finding: ProofFinding, proof: RailProof): string[] {
  const { packet, policy, rules, path, outputs, foreign, doubt, givenUpAt } = finding;
  const tables = path.map(({ table }) => table);
  const last = givenUpAt ?? path.at(-1);
  return [
    `  ${describeFinding(finding)}`,
    line("packet", finding.flow),
    line("policy", describePolicy(policy, proof.bridge, proof.uplink)),
    ...rules.map((rule) => line("rule", `${rule.text} (${printPlace(rule.span)})`)),
    line(
      "tables",
      doubt !== undefined
        ? describeDoubt(doubt)
        : givenUpAt === undefined
          ? describeSent(outputs, packet, proof)
          : gaveUp,
    ),
    ...(tables.length === 0 ? [] : [line("through", `tables ${tables.join(", ")}`)]),
    ...(last === undefined ? [] : [flowLine("decides", last, proof)]),
    ...foreign.filter((flow) => flow !== last).map((flow) => flowLine("foreign", flow, proof)),
    ...(last !== undefined && foreign.includes(last)
      ? [line("", "which is not a flow of railfence")]
      : []),
  ];
}

function flowLine(word: string, flow: Flow, { portNumbers }: RailProof): string {
  return line(word, printFlowWithNames(flow, portNumbers));
}

function line(word: string, text: string): string {
  return `    ${word.padEnd(8)}  ${text}`;
}
