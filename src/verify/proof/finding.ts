/** What a proof found: one packet for each way in which tables and policy differ, with both sides' reasons. */

import type { Doubt } from "../../openflow/doubt.js";
import type { Output } from "../../openflow/evaluate.js";
import type { Flow } from "../../openflow/flow.js";
import type { PacketFields } from "../../openflow/packet-fields.js";
import type { PortNumbers } from "../../openflow/print.js";
import type { Rule } from "../../policy/checked-policy.js";
import type { Decision } from "../../policy/decision.js";
import type { ProvedPort } from "./fence.js";
import type { PacketKindName } from "./packet-kind.js";

export interface ProofFinding {
  /** `unknown`: what the tables do with the packet cannot be concluded from their text. */
  readonly kind: "different" | "unknown";
  readonly port: ProvedPort;
  readonly packets: PacketKindName;
  readonly packet: PacketFields;
  /** As `ofproto/trace` takes it. */
  readonly flow: string;
  readonly policy: Decision;
  /** That let the packet pass, or forbid it; none where no rule speaks of it. */
  readonly rules: readonly Rule[];
  /** Copies that leave; none is a drop. */
  readonly outputs: readonly Output[];
  /** The flows that the packet meets, in their order. */
  readonly path: readonly Flow[];
  /** Those of the path, or of the doubt, that are not railfence's. */
  readonly foreign: readonly Flow[];
  readonly doubt?: Doubt;
  /** The flow at which Open vSwitch gives up and drops the packet; each flow of the path is then named once. */
  readonly givenUpAt?: Flow;
}

export interface RailProof {
  readonly node: string;
  readonly rail: string;
  readonly bridge: string;
  /** The name of its port. */
  readonly uplink: string;
  readonly verdict: "equal" | "different" | "unknown";
  readonly flows: number;
  /** The ports whose packets were looked at. */
  readonly ports: readonly string[];
  /** Ports of the fence that the bridge does not have: nothing can come from there. */
  readonly absentPorts: readonly string[];
  /** Ports that are nobody's: of their packets it was looked at whether any reaches an endpoint. */
  readonly strangers: readonly string[];
  /** OpenFlow numbers by name, as far as they are known. */
  readonly portNumbers: PortNumbers;
  readonly findings: readonly ProofFinding[];
  /** Whether there are ways to differ beside those of the findings. */
  readonly hasMore: boolean;
}
