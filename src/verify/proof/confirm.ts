/**
 * Three programs look at each packet that is shown: the proof, `decide` and `evaluate`. Where the latter two do not say
 * what the proof says of their side, one of them is wrong, and nothing may be concluded.
 */

import type { Evaluation } from "../../openflow/evaluate.js";
import { fieldOf } from "../../openflow/field.js";
import { localPort, type Port } from "../../openflow/match.js";
import { fieldsOf, type PacketFields } from "../../openflow/packet-fields.js";
import type { Port as BridgePort, Decision } from "../../policy/decision.js";
import type { Difference } from "./comparison.js";
import type { Fence } from "./fence.js";
import type { ProofFinding } from "./finding.js";
import { type OutcomeId, unknown } from "./outcome.js";
import type { Substitution } from "./substitution.js";
import type { TableWalk } from "./table-walk.js";

/**
 * `ways` are what `evaluate` says: more than one where it is open which flow takes the packet, and none where even so it
 * has to leave open what the proof knows.
 * @throws Error, a defect of railfence, with the packet to reproduce it
 */
export function confirm(
  difference: Difference,
  walk: TableWalk,
  fence: Fence,
  { packet, flow, policy }: ProofFinding,
  ways: readonly Evaluation[],
): void {
  const sentBy = (id: OutcomeId) =>
    walk.outcomes
      .sentIn(id)
      .map(({ port, fields }) => keyOf(port, (name) => valueAfter(walk, fields, name, packet)));
  const decided = sentByDecision(policy, difference.port.port, fence);
  if (differ(sentBy(difference.policy), decided)) throw disagreement("decide", flow);
  const isUnknown = difference.tables === unknown;
  const isCounted = countedIn(difference, fence);
  for (const { outputs, doubt, openToProof } of ways) {
    const mayBeUnknown = (doubt ?? openToProof) !== undefined;
    if (isUnknown ? !mayBeUnknown : doubt !== undefined) throw disagreement("evaluate", flow);
    if (isUnknown) continue;
    const evaluated = outputs
      .filter(({ port }) => isCounted(port))
      .map(({ port, fields }) => keyOf(port, (name) => fields.get(name) ?? 0n));
    if (differ(sentBy(difference.tables), evaluated)) throw disagreement("evaluate", flow);
  }
}

/** Of what strangers send, only what reaches an endpoint. */
function countedIn({ port }: Difference, fence: Fence): (port: Port) => boolean {
  if (port.from !== "stranger") return () => true;
  const endpoints = fence.endpointPorts();
  return (one) => endpoints.has(one);
}

/** Fields that a fence rewrites and that all three know. */
const compared = [
  "dl_src",
  "dl_dst",
  "arp_op",
  "arp_spa",
  "arp_tpa",
  "ipv6_src",
  "ipv6_dst",
] as const;

type Value = (name: (typeof compared)[number]) => bigint;

function keyOf(port: Port, value: Value): string {
  return `${port} ${compared.map((name) => value(name).toString(16)).join(" ")}`;
}

function differ(one: readonly string[], other: readonly string[]): boolean {
  return [...one].sort().join() !== [...other].sort().join();
}

function valueAfter(
  { substitutions }: TableWalk,
  fields: Substitution,
  name: (typeof compared)[number],
  packet: PacketFields,
): bigint {
  const { value, mask, from } = substitutions.bitsOf(fields, fieldOf(name).index);
  for (const [other, own] of packet)
    if (fieldOf(other).index === from) return value | (own & ~mask);
  return value;
}

function sentByDecision(decision: Decision, inPort: Port, fence: Fence): string[] {
  if (decision.kind === "drop") return [];
  const fields = fieldsOf(decision.frame);
  const port = decision.kind === "answer" ? inPort : portOf(decision.to, fence);
  return [keyOf(port, (name) => fields.get(name) ?? 0n)];
}

function portOf(port: BridgePort, fence: Fence): Port {
  if (port === "host") return localPort;
  return port === "uplink" ? fence.uplink : fence.portNamed(port.representor);
}

function disagreement(who: "decide" | "evaluate", flow: string): Error {
  return new Error(`the proof and ${who}() do not agree on the packet ${flow}`);
}
