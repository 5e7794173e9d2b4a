/** Proofs as JSON, in the shape of proof-schema.ts. */

import type { Flow } from "../openflow/flow.js";
import { positionOf } from "../text/source.js";
import type { ProofFinding, RailProof } from "../verify/proof/finding.js";
import { printFlowWithNames } from "./named-ports.js";
import type { ProofDocument } from "./proof-schema.js";
import {
  changesBetween,
  describeDoubt,
  describeFinding,
  describePolicy,
  portName,
} from "./proof-words.js";

/** `withHidden`: the bridges whose hidden flows were read and proved; absent where nobody says. */
export function proofDocument(
  proofs: readonly RailProof[],
  withHidden?: ReadonlySet<string>,
): ProofDocument {
  return {
    version: 1,
    equal: proofs.every(({ verdict }) => verdict === "equal"),
    rails: proofs.map((proof) => ({
      node: proof.node,
      rail: proof.rail,
      bridge: proof.bridge,
      verdict: proof.verdict,
      flows: proof.flows,
      ports: [...proof.ports],
      absentPorts: [...proof.absentPorts],
      strangers: [...proof.strangers],
      ...(withHidden && { hiddenFlows: withHidden.has(proof.bridge) ? "read" : "unread" }),
      findings: proof.findings.map((one) => findingDocument(one, proof)),
      hasMore: proof.hasMore,
    })),
  };
}

export function printProofJson(
  proofs: readonly RailProof[],
  withHidden?: ReadonlySet<string>,
): string {
  return `${JSON.stringify(proofDocument(proofs, withHidden), undefined, 2)}\n`;
}

function findingDocument(
  one: ProofFinding,
  { bridge, uplink, portNumbers }: RailProof,
): ProofDocument["rails"][number]["findings"][number] {
  const { policy, rules, outputs, doubt, packet } = one;
  const texts = (flows: readonly Flow[]) =>
    flows.map((flow) => printFlowWithNames(flow, portNumbers));
  return {
    kind: one.kind,
    message: describeFinding(one),
    inPort: one.port.name,
    packets: one.packets,
    packet: one.flow,
    policy: {
      decision: policy.kind,
      ...(policy.kind === "drop" ? { reason: policy.reason } : {}),
      message: describePolicy(policy, bridge, uplink),
      rules: rules.map(({ id, text, span }) => {
        const { line, column } = positionOf(span.source, span.start);
        return { id, text, place: { file: span.source.name, line, column } };
      }),
    },
    tables: {
      sent: outputs.map(({ port, fields }) => ({
        port: portName(port, bridge, portNumbers),
        changes: changesBetween(packet, fields),
      })),
      ...(doubt === undefined
        ? {}
        : { doubt: { code: doubt.kind, message: describeDoubt(doubt) } }),
      flows: texts(one.path),
      foreign: texts(one.foreign),
    },
  };
}
