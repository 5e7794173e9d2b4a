/**
 * Sets of packets to findings. A packet is taken out of each set and followed through both sides by the code that looks
 * at one packet (policy/decide.ts, openflow/evaluate.ts): it says why, and it is a second opinion. Then all packets that
 * go the same way are left out, and the next one is taken.
 */

import type { Family } from "../../net/address.js";
import { type Evaluation, evaluate } from "../../openflow/evaluate.js";
import type { FieldName } from "../../openflow/field.js";
import type { Flow } from "../../openflow/flow.js";
import { isOurCookie } from "../../openflow/our-cookie.js";
import type { PacketFields } from "../../openflow/packet-fields.js";
import type { PortNumbers } from "../../openflow/print.js";
import { type Tables, tablesOf } from "../../openflow/tables.js";
import { addressField } from "./address-classes.js";
import type { Comparison, Difference } from "./comparison.js";
import { isUnknown } from "./comparison.js";
import { confirm } from "./confirm.js";
import { type Node, nothing } from "./diagram.js";
import { evaluateEitherWay } from "./either-way.js";
import { anyStranger, type ProvedPort } from "./fence.js";
import type { ProofFinding } from "./finding.js";
import type { PacketKindName } from "./packet-kind.js";
import { PathPackets } from "./path-packets.js";
import { reasonOf } from "./policy-reason.js";
import { printPacket } from "./print-packet.js";
import { pickPacket, type Wishes } from "./witness-packet.js";

export interface Explanation {
  readonly findings: readonly ProofFinding[];
  readonly hasMore: boolean;
}

/** Ways of one port and outcome that are told apart; and of all. */
const mostWays = 12;
const mostFindings = 200;

export function explainDifferences(
  proof: Comparison,
  flows: readonly Flow[],
  portNumbers: PortNumbers,
): Explanation {
  const explainer = new Explainer(proof, flows, portNumbers);
  const findings: ProofFinding[] = [];
  let hasMore = false;
  for (const difference of proof.differences) {
    if (findings.length >= mostFindings) return { findings, hasMore: true };
    hasMore = explainer.explain(difference, findings) || hasMore;
  }
  return { findings, hasMore };
}

class Explainer {
  readonly #proof: Comparison;
  readonly #flows: readonly Flow[];
  readonly #tables: Tables;
  readonly #portNumbers: PortNumbers;
  readonly #seen = new Set<string>();
  readonly #known = new Map<string, Node>();

  constructor(proof: Comparison, flows: readonly Flow[], portNumbers: PortNumbers) {
    this.#proof = proof;
    this.#flows = flows;
    this.#tables = tablesOf(flows, portNumbers);
    this.#portNumbers = portNumbers;
  }

  /** Adds what it finds, and says whether there is more. */
  explain(difference: Difference, findings: ProofFinding[]): boolean {
    const { fence, walks } = this.#proof;
    const walk = walks.get(difference.kind);
    if (walk === undefined) throw new Error(`${difference.kind} was not walked`);
    const { operations } = fence.sets;
    const paths = new PathPackets(fence.sets, walk.substitutions, this.#portNumbers);
    let left = difference.packetsOf();
    for (let count = 0; left !== nothing; count++) {
      if (count === mostWays) return true;
      const packet = this.#pick(left, difference);
      const inPort = difference.port.port;
      const evaluation = evaluate(this.#tables, packet, { inPort });
      const ways = this.#waysOf(difference, packet, evaluation);
      const finding = this.#findingOf(difference, packet, evaluation, ways);
      confirm(difference, walk, fence, finding, ways);
      const key = keyOf(finding);
      if (!this.#seen.has(key)) findings.push(finding);
      this.#seen.add(key);
      left = operations.without(left, paths.of(evaluation, inPort));
    }
    return false;
  }

  /** The proof may know what becomes of a packet though it is open which flow takes it: whichever does, all is the same. */
  #waysOf(
    difference: Difference,
    packet: PacketFields,
    evaluation: Evaluation,
  ): readonly Evaluation[] {
    if (evaluation.doubt === undefined || isUnknown(difference)) return [evaluation];
    const [flows, portNumbers] = [this.#flows, this.#portNumbers];
    const inPort = difference.port.port;
    return evaluateEitherWay({ flows, portNumbers, packet, inPort }) ?? [];
  }

  #pick(packets: Node, { kind, port }: Difference): PacketFields {
    const { sets } = this.#proof.fence;
    let narrowed = packets;
    for (const field of addressFields(kind)) {
      const near = sets.operations.and(narrowed, this.#knownAddresses(field));
      if (near !== nothing) narrowed = near;
    }
    const { diagrams } = sets.operations;
    return pickPacket(diagrams, narrowed, kind, this.#wishesOf(port));
  }

  #knownAddresses(field: FieldName): Node {
    let known = this.#known.get(field);
    if (known !== undefined) return known;
    const { inventory, sets } = this.#proof.fence;
    const family: Family = field.startsWith("ipv6") || field === "nd_target" ? 6 : 4;
    known = sets.oneOf(
      field,
      inventory.endpoints.flatMap((one) =>
        one.addresses.filter((address) => address.family === family).map(({ value }) => value),
      ),
    );
    this.#known.set(field, known);
    return known;
  }

  #wishesOf({ from }: ProvedPort): Wishes {
    const { nodeRail } = this.#proof.fence;
    const wishes = new Map<FieldName, bigint>([["tp_src", 49152n]]);
    const own = typeof from === "string" ? nodeRail.nextHop : from.mac;
    if (own !== undefined) wishes.set("dl_src", own);
    if (nodeRail.mac !== undefined) wishes.set("dl_dst", nodeRail.mac);
    return wishes;
  }

  #findingOf(
    difference: Difference,
    packet: PacketFields,
    evaluation: Evaluation,
    ways: readonly Evaluation[],
  ): ProofFinding {
    const { port, kind } = difference;
    const { path, outputs, givenUpAt, openToProof, ...found } = ways[0] ?? evaluation;
    const isOpen = isUnknown(difference);
    const doubt = found.doubt ?? (isOpen ? openToProof : undefined);
    const all = path.flatMap(({ flow, conjunctive = [] }) =>
      flow === undefined ? [] : [...conjunctive, flow],
    );
    // around and around: once is enough
    const flows = givenUpAt === undefined ? all : [...new Set(all)];
    const met = [...new Set([...flows, ...doubtedIn(evaluation)])];
    return {
      kind: isOpen ? "unknown" : "different",
      port,
      packets: kind,
      packet,
      flow: printPacket(packet, port.port === anyStranger ? undefined : port.port),
      ...reasonOf(this.#proof.fence, port, packet),
      outputs: doubt === undefined ? outputs : [],
      path: flows,
      foreign: met.filter(({ cookie }) => !isOurCookie(cookie)),
      ...(doubt === undefined ? {} : { doubt }),
      ...(doubt !== undefined || givenUpAt === undefined ? {} : { givenUpAt }),
    };
  }
}

function doubtedIn({ doubt }: Evaluation): readonly Flow[] {
  if (doubt === undefined) return [];
  return doubt.kind === "ambiguous" ? doubt.flows : [doubt.flow];
}

function addressFields(kind: PacketKindName): readonly FieldName[] {
  switch (kind) {
    case "ipv4":
      return [addressField("destination", 4), addressField("source", 4)];
    case "ipv6":
    case "advertisement":
      return [addressField("destination", 6), addressField("source", 6)];
    case "solicitation":
      return ["nd_target", addressField("source", 6)];
    case "arp":
      return ["arp_tpa", "arp_spa"];
    case "other":
      return [];
  }
}

/** Findings with equal keys are the same news. */
function keyOf({ kind, port, packets, policy, rules, path, doubt }: ProofFinding): string {
  const why = policy.kind === "drop" ? policy.reason : policy.kind;
  const flows = path.map(({ table, priority, cookie }) => `${table}/${priority}/${cookie}`);
  return [kind, port.name, packets, why, ...rules.map(({ id }) => id), ...flows, doubt?.kind].join(
    " ",
  );
}
