/** Why the policy wants of a packet what it wants: the reference's decision, and the rules behind it. */

import { holdsTraffic } from "../../net/traffic.js";
import { frameOf, type PacketFields } from "../../openflow/packet-fields.js";
import type { Rule } from "../../policy/checked-policy.js";
import { rulesCovering } from "../../policy/connection.js";
import { decide } from "../../policy/decide.js";
import type { Decision } from "../../policy/decision.js";
import type { Fence, ProvedPort } from "./fence.js";
import { representorOf } from "./fence.js";

export interface PolicyReason {
  readonly policy: Decision;
  readonly rules: readonly Rule[];
}

export function reasonOf(
  fence: Fence,
  { from, name }: ProvedPort,
  packet: PacketFields,
): PolicyReason {
  const port =
    from === "stranger"
      ? { representor: name }
      : typeof from === "string"
        ? from
        : { representor: representorOf(from) };
  const frame = frameOf(packet);
  const policy = decide(fence.policy, fence.inventory, {
    node: fence.node,
    rail: fence.rail.name,
    port,
    frame,
  });
  if (policy.kind === "deliver") return { policy, rules: policy.rules };
  if (policy.kind === "answer" || policy.reason !== "no-rule") return { policy, rules: [] };
  return { policy, rules: deniersOf(fence, packet, frame) };
}

/** Denies that speak of the packet's own connection. */
function deniersOf(
  fence: Fence,
  packet: PacketFields,
  { body }: ReturnType<typeof frameOf>,
): readonly Rule[] {
  if (body.kind !== "ip") return [];
  const pair = { rail: fence.rail.name, opener: body.source, answerer: body.destination };
  const { family } = body.source;
  const { transport } = body;
  const selector =
    transport?.kind === "ports"
      ? transport.destination
      : transport?.kind === "icmp"
        ? (transport.type << 8) | transport.code
        : 0;
  return rulesCovering(fence.policy, fence.inventory, pair).filter(
    (rule) =>
      rule.effect === "deny" &&
      (packet.has("nw_frag") || holdsTraffic(rule[family], body.protocol, selector)),
  );
}
