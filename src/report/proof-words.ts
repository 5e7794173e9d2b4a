/** Words for what a proof found: one sentence each, lower case, no full stop. */

import type { Doubt } from "../openflow/doubt.js";
import type { Output } from "../openflow/evaluate.js";
import { type FieldName, fieldOf, fieldsInOrder } from "../openflow/field.js";
import { controllerPort, localPort, type Port } from "../openflow/match.js";
import type { PacketFields } from "../openflow/packet-fields.js";
import type { PortNumbers } from "../openflow/print.js";
import { printExact } from "../openflow/print-value.js";
import type { Decision, DropReason } from "../policy/decision.js";
import type { ProofFinding, RailProof } from "../verify/proof/finding.js";

export function describeProof({ verdict, flows, ports, findings, hasMore }: RailProof): string {
  const scope = `for every packet of ${ports.length} ports (${flows.toLocaleString("en-US")} flows)`;
  if (verdict === "equal") return `the tables are the policy, ${scope}`;
  const count = `${findings.length}${hasMore ? " ways and more" : findings.length === 1 ? " way" : " ways"}`;
  return verdict === "different"
    ? `the tables are not the policy: they differ in ${count}`
    : `unknown whether the tables are the policy: they cannot be interpreted in ${count}`;
}

export function describeFinding({ kind, policy, outputs, port }: ProofFinding): string {
  if (port.from === "stranger")
    return kind === "unknown"
      ? "whether this packet of a port that is not in the inventory reaches an endpoint is unknown"
      : "the tables lead what comes from a port that is not in the inventory around the fence";
  if (kind === "unknown") return "what the tables do with this packet is unknown";
  if (policy.kind === "drop") return "the tables forward what the policy drops";
  if (outputs.length === 0)
    return policy.kind === "answer"
      ? "the tables drop what the policy has the bridge answer"
      : "the tables drop what the policy lets pass";
  return "the tables send it on otherwise than the policy says";
}

export function describeDoubt(doubt: Doubt): string {
  switch (doubt.kind) {
    case "unknown-match":
      return `whether a flow matches cannot be said: ${(doubt.flow.match.unknown ?? []).map((one) => `\`${one}\``).join(", ") || "it looks at a field that a packet does not tell"}`;
    case "unknown-action":
      return `the action \`${doubt.text}\` cannot be interpreted`;
    case "ambiguous":
      return `${doubt.flows.length} flows of one priority match it and do different things: Open vSwitch may do either`;
    case "goes-back":
      return "`goto_table` leads back, which no switch accepts";
    case "too-deep":
      return "`resubmit` leads on too often: railfence follows 512 lookups for one packet";
  }
}

export const gaveUp =
  "drop: `resubmit` leads too deep or too often (64 inside each other, 4,096 in all), and Open vSwitch gives up";

export function describePolicy(policy: Decision, bridge: string, uplink: string): string {
  switch (policy.kind) {
    case "drop":
      return `drop: ${dropReasons[policy.reason]}`;
    case "answer":
      return "the bridge answers";
    case "deliver":
      if (policy.to === "host") return `to ${bridge}, the host's port`;
      return `to ${policy.to === "uplink" ? uplink : policy.to.representor}`;
  }
}

const dropReasons: Readonly<Record<DropReason, string>> = {
  "unknown-port": "no endpoint is at this port",
  tagged: "an endpoint may not send tagged frames",
  "ether-type": "an endpoint may send ARP, IPv4 and IPv6 only",
  "ethernet-source": "it does not come from the endpoint's own link-layer address",
  "ethernet-destination":
    "it is not sent to the bridge's link-layer address, or to the right group",
  "source-address": "its source is not the endpoint's own address",
  "own-address": "it is for the endpoint that sends it",
  "no-rule": "no rule allows it",
  "neighbour-message": "no endpoint may send or get such a message",
  "neighbour-target": "the two may not meet",
};

/** The ports it leaves by, with what is rewritten; `drop` for none. */
export function describeSent(
  outputs: readonly Output[],
  packet: PacketFields,
  { bridge, portNumbers }: Pick<RailProof, "bridge" | "portNumbers">,
): string {
  if (outputs.length === 0) return "drop";
  return outputs
    .map(({ port, fields }) => {
      const changes = changesBetween(packet, fields);
      const to = `to ${portName(port, bridge, portNumbers)}`;
      return changes === "" ? to : `${to} with ${changes}`;
    })
    .join(", and ");
}

/** Registers are gone when a packet leaves. */
export function changesBetween(before: PacketFields, after: PacketFields): string {
  const metadata = fieldOf("metadata").index;
  const value = (fields: PacketFields, name: FieldName) => fields.get(name) ?? 0n;
  return fieldsInOrder
    .filter(({ name, index }) => index > metadata && value(before, name) !== value(after, name))
    .map((field) => `${field.name}=${printExact(field, value(after, field.name))}`)
    .join(",");
}

export function portName(port: Port, bridge: string, portNumbers: PortNumbers): string {
  if (port === localPort) return bridge;
  if (port === controllerPort) return "CONTROLLER";
  for (const [name, number] of portNumbers) if (number === port) return name;
  return typeof port === "number" ? `port ${port}` : port;
}
